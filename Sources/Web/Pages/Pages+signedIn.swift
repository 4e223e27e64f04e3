import FoundationEssentials
import SignOn
import Tenancy

/// Values of the pages that only somebody who is signed in sees.
extension Pages {
    static func values(of obstacle: SignInObstacle) -> [String: Any] {
        var values: [String: Any] = [
            "title": title(for: obstacle.kind), "email": obstacle.email, "id": obstacle.organizationID.rawValue,
            "csrf_token": obstacle.csrfToken,
            "several": !obstacle.offers.isEmpty,
            "offers": obstacle.offers.map { offer in
                ["name": offer.displayName, "address": obstacle.visit.address(choosing: offer.rootConnectionID.rawValue)]
            },
        ]
        switch obstacle.kind {
        case .joiningNeedsClick: values["join"] = true
        case .otherSignInNeeded: values["other"] = true
        }
        if let name = obstacle.organizationName { values["organization"] = name }
        if let returnTo = obstacle.visit.returnTo { values["return_to"] = returnTo }
        if let browser = obstacle.visit.browser { values["browser"] = browser }
        return values
    }

    static func values(of switcher: Switcher) -> [String: Any] {
        var reachable: [[String: Any]] = []
        var elsewhere: [[String: Any]] = []
        var values: [String: Any] = ["title": "Your organizations", "email": switcher.email]
        for place in switcher.places {
            var shown: [String: Any] = ["id": place.organizationID.rawValue, "name": place.name, "host": place.host]
            shown["csrf_token"] = switcher.csrfToken
            switch place.way {
            // A visit hands off by itself.
            case .current: values["current"] = shown.merging(["address": place.address]) { $1 }
            case .enter: reachable.append(shown)
            case .join: reachable.append(shown.merging(["join": true]) { $1 })
            case .signInAnew: elsewhere.append(shown.merging(["address": place.signInAddress]) { $1 })
            }
        }
        if !reachable.isEmpty { values["reachable"] = ["places": reachable] }
        if !elsewhere.isEmpty { values["elsewhere"] = ["places": elsewhere] }
        values["none"] = reachable.isEmpty && elsewhere.isEmpty
        return values
    }

    static func values(of list: SessionList) -> [String: Any] {
        let devices = list.devices.enumerated().map { index, device -> [String: Any] in
            [
                "number": index + 1, "id": device.id, "csrf_token": list.csrfToken,
                "title": device.isThis ? "This browser" : "Another browser",
                "signed_in": moment(device.signedInAt), "last_seen": age(of: device.lastSeenAt, at: list.now),
                "end": device.isThis ? "Sign out here" : "Sign out there", "has_entries": !device.entries.isEmpty,
                "entries": device.entries.map { entry in
                    [
                        "organization": entry.organizationName, "host": entry.host, "since": moment(entry.createdAt),
                        "last_seen": age(of: entry.lastSeenAt, at: list.now),
                    ]
                },
            ]
        }
        var values: [String: Any] = [
            "title": "Your sign-ins", "email": list.email, "devices": devices, "csrf_token": list.csrfToken,
            "has_others": list.omitted > 0 || list.devices.contains { !$0.isThis },
        ]
        if list.omitted > 0 { values["omitted"] = "\(list.omitted)" }
        return values
    }

    /// `2026-11-25 17:45 UTC`: the gateway does not know where the person is.
    static func moment(_ instant: Instant) -> String {
        let text = Date(timeIntervalSince1970: Double(instant.seconds)).formatted(Date.ISO8601FormatStyle())
        return text.prefix(16).split(separator: "T").joined(separator: " ") + " UTC"
    }

    /// Coarse, as the times of last use are written.
    static func age(of instant: Instant, at now: Instant) -> String {
        let minutes = max(0, now.seconds - instant.seconds) / 60
        return switch minutes {
        case ..<5: "just now"
        case ..<60: "within the last hour"
        case ..<120: "an hour ago"
        case ..<(48 * 60): "\(minutes / 60) hours ago"
        default: "\(minutes / 60 / 24) days ago"
        }
    }
}
