@testable import Proxy

/// A request head after RFC 9112 §3 and the contract, worked out from copies of its lines; also what the
/// upstream has to receive for it.
struct ReferenceRequest {
    /// Everything that is wrong. Where this is not empty the rest means nothing.
    private(set) var faults: Set<Refusal> = []
    private(set) var method = ""
    private(set) var scheme = "http"
    private(set) var host = ""
    private(set) var authority = ""
    private(set) var path = ""
    private(set) var query: [UInt8] = []
    private(set) var client: String
    private(set) var route: String?
    private(set) var organization: String?
    private(set) var framing = BodyFraming.none
    private(set) var isPersistent = false
    private var isHTTP11 = false
    private(set) var expectsContinue = false
    let cookies: ReferenceCookies
    private let isTrusted: Bool
    private let head: ReferenceFields

    init(_ bytes: [UInt8], world: FuzzWorld, isTrusted: Bool, secure: Bool) {
        head = ReferenceFields(bytes)
        cookies = ReferenceCookies(head.named("cookie").map(\.value), secure: secure)
        self.isTrusted = isTrusted
        client = isTrusted ? "10.0.0.9" : "192.0.2.7"
        faults = head.faults
        if head.fields.count > world.limits.maximumFields { faults.insert(.tooManyFields) }
        guard let target = readStartLine(world) else { return }
        readExpectation()
        guard readOrigin(target.authority, isTrusted) else { return }
        readPath(target.path)
    }

    // MARK: The start line

    private mutating func readStartLine(_ world: FuzzWorld) -> (authority: [UInt8]?, path: [UInt8])? {
        let parts = head.startLine.parts(0x20)
        guard parts.count == 3 else {
            faults.formUnion([.requestLine, .target, .targetTooLong])
            return nil
        }
        method = parts[0].text
        if !(1...32).contains(parts[0].count) || !parts[0].allSatisfy(ReferenceCharacters.token.contains) { faults.insert(.requestLine) }
        if method == "CONNECT" || method == "TRACE" { faults.insert(.method) }
        let version = parts[2]
        let isVersion =
            version.count == 8 && version.starts(with: Array("HTTP/".utf8)) && ReferenceCharacters.digits.contains(version[5])
            && version[6] == 0x2E && ReferenceCharacters.digits.contains(version[7])
        if !isVersion { faults.insert(.requestLine) } else if !["HTTP/1.0", "HTTP/1.1"].contains(version.text) { faults.insert(.version) }
        readFraming(isHTTP10: version.text == "HTTP/1.0")
        return readTarget(parts[1], world)
    }

    private mutating func readTarget(_ target: [UInt8], _ world: FuzzWorld) -> (authority: [UInt8]?, path: [UInt8])? {
        // Without a first character there is no target to be wrong.
        if !target.prefix(1).contains(where: ReferenceCharacters.target.contains) { faults.insert(.requestLine) }
        if !target.allSatisfy(ReferenceCharacters.target.contains) { faults.insert(.target) }
        if target.count > world.limits.maximumTargetBytes { faults.insert(.targetTooLong) }
        let mark = target.firstIndex(of: 0x3F) ?? target.count
        query = Array(target[mark...])
        let beforeQuery = Array(target[..<mark])
        if beforeQuery.first == 0x2F { return (nil, beforeQuery) }
        for scheme in ["http://", "https://"] where beforeQuery.lowered.text.hasPrefix(scheme) {
            let rest = Array(beforeQuery.dropFirst(scheme.utf8.count))
            let slash = rest.firstIndex(of: 0x2F) ?? rest.count
            if slash == 0 { faults.insert(.target) }
            let path = Array(rest[slash...])
            return (Array(rest[..<slash]), path.isEmpty ? [0x2F] : path)
        }
        faults.insert(.target)
        return nil
    }

    private mutating func readFraming(isHTTP10: Bool) {
        if head.isChunked { framing = .chunked } else if let length = head.length { framing = .length(length) }
        if head.isChunked, isHTTP10 { faults.insert(.transferEncoding) }
        isHTTP11 = !isHTTP10
        isPersistent = !isHTTP10 && !head.connectionOptions.contains("close")
    }

    private mutating func readExpectation() {
        let expectations = head.named("expect").map { $0.value.lowered.text }
        if expectations.contains(where: { $0 != "100-continue" }) { faults.insert(.expectation) }
        expectsContinue = !expectations.isEmpty
    }

    // MARK: The origin

    private mutating func readOrigin(_ target: [UInt8]?, _ isTrusted: Bool) -> Bool {
        let hosts = head.named("host")
        if hosts.isEmpty { faults.insert(.hostMissing) }
        if hosts.count > 1 { faults.insert(.hostRepeated) }
        guard let first = hosts.first else { return false }
        guard var named = ReferenceHost(first.value) else {
            faults.insert(.host)
            return false
        }
        if let target {
            guard let other = ReferenceHost(target) else {
                faults.insert(.host)
                return false
            }
            if other != named { faults.insert(.hostMismatch) }
        }
        if isTrusted { named = readForwarded(named) }
        host = named.host
        authority = named.host
        let isKnown = named.port == FuzzWorld.listenPort || named.port == FuzzWorld.externalPort
        if let port = named.port, port != (scheme == "https" ? 443 : 80), isKnown || isTrusted { authority += ":\(port)" }
        return true
    }

    private mutating func readForwarded(_ named: ReferenceHost) -> ReferenceHost {
        let schemes = head.named("x-forwarded-proto").map { $0.value.lowered.text }
        let hosts = head.named("x-forwarded-host").map(\.value)
        if schemes.count > 1 || hosts.count > 1 || schemes.contains(where: { $0 != "http" && $0 != "https" }) { faults.insert(.forwarded) }
        scheme = schemes.first == "https" ? "https" : "http"
        let chain = head.named("x-forwarded-for").flatMap { $0.value.parts(0x2C) }.map(\.stripped)
        for element in chain.suffix(64).reversed() {
            guard let address = ReferenceAddress(element) else { break }
            client = address.text
            if !FuzzWorld.isTrusted(address) { break }
        }
        guard let given = hosts.first else { return named }
        guard let parsed = ReferenceHost(given) else {
            faults.insert(.forwarded)
            return named
        }
        return parsed
    }

    // MARK: The path

    private mutating func readPath(_ raw: [UInt8]) {
        let collapsed = ReferencePath(raw, keepsRepeatedSlashes: false)
        guard var found = collapsed.path else {
            faults.insert(.path)
            return
        }
        let places = FuzzWorld.places.filter { place in
            switch place.host {
            case .exact(let name): name == host
            case .organizationLabel(let suffix): Self.isSlug(host.prefix { $0 != "." }) && host.drop { $0 != "." } == "." + suffix
            }
        }
        let place = Self.place(of: found.text, places)
        if collapsed.hasEncodedSlash, place?.keepsEncodedSlashes != true { faults.insert(.path) }
        if collapsed.hasRepeatedSlash, place?.keepsRepeatedSlashes == true, let kept = ReferencePath(raw, keepsRepeatedSlashes: true).path {
            found = kept
            if Self.place(of: found.text, places)?.id != place?.id { faults.insert(.path) }
        }
        // Whoever decodes and drops parameters must come to the same route.
        if found.contains(0x25) || found.contains(0x3B) {
            let read = ReferencePath.asApplicationsRead(found).text
            if Self.place(of: read, places)?.id != place?.id { faults.insert(.path) }
        }
        path = found.text
        route = place?.id
        organization = places.first.flatMap { chosen in
            if case .organizationLabel = chosen.host { return String(host.prefix { $0 != "." }) }
            return place.map { "org-" + $0.id }
        }
    }

    private static func isSlug(_ label: Substring) -> Bool {
        (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
            && label.utf8.allSatisfy { ReferenceCharacters.alphanumeric.contains($0) || $0 == 0x2D }
    }

    private static func place(of path: String, _ places: [FuzzWorld.Place]) -> FuzzWorld.Place? {
        let covering = places.filter { place in
            let prefix = place.path.hasSuffix("/") ? String(place.path.dropLast()) : place.path
            return path == prefix || path.utf8.starts(with: (prefix + "/").utf8)
        }
        return covering.max { $0.path.utf8.count < $1.path.utf8.count }
    }

    // MARK: What the upstream gets

    var upstreamStartLine: String { "\(method) \(path)\(query.text) HTTP/1.1" }

    /// `name: [bytes of the value]`, in order.
    func upstreamFields(_ world: FuzzWorld, keepsTrailers: Bool) -> [String] {
        var lines = [line("Host", authority)]
        let nominated = head.nominated
        for field in head.fields where !isRemoved(field) && !nominated.contains(field.loweredName) {
            guard field.loweredName == "cookie" else {
                lines.append("\(field.name.text): \(field.value)")
                continue
            }
            let one = ReferenceCookies([field.value], secure: true).fields[0]
            if !one.hasGatewayCookie {
                lines.append("\(field.name.text): \(field.value)")
            } else if !one.others.isEmpty {
                lines.append("Cookie: \(Array(one.others.joined(separator: Array("; ".utf8))))")
            }
        }
        lines += [line("X-Forwarded-For", client), line("X-Forwarded-Host", authority), line("X-Forwarded-Proto", scheme)]
        lines.append(line("X-Request-Id", "00000000000000010000000000000002"))
        if !hasTrace { lines.append(line("traceparent", "00-00000000000000010000000000000002-9e3779b97f4a7c17-00")) }
        lines += [line("X-Gateway-Member", "m1"), line("X-Gateway-Roles", ""), line("Remote-User", "alice")]
        if asksForWebSocket { lines += [line("Connection", "Upgrade"), line("Upgrade", "websocket")] }
        if keepsTrailers, head.named("te").contains(where: { $0.value.lowered.listElements.map(\.text).contains("trailers") }) {
            lines += [line("Connection", "TE"), line("TE", "trailers")]
        }
        switch framing {
        case .none, .untilClose: break
        case .length(let length): lines.append(line("Content-Length", String(length)))
        case .chunked: lines.append(line("Transfer-Encoding", "chunked"))
        }
        return lines
    }

    private func line(_ name: String, _ value: String) -> String { "\(name): \(Array(value.utf8))" }

    /// W3C Trace Context §3.2.
    private var hasTrace: Bool {
        let parents = head.named("traceparent").map(\.value.text)
        guard parents.count == 1, let match = parents[0].wholeMatch(of: /00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}/) else {
            return false
        }
        return match.1.contains { $0 != "0" } && match.2.contains { $0 != "0" }
    }

    /// RFC 6455 §4.1.
    private var asksForWebSocket: Bool {
        let upgrades = head.named("upgrade").map { $0.value.lowered.text }
        let keys = head.named("sec-websocket-key").map(\.value.text)
        return method == "GET" && isHTTP11 && framing == .none && upgrades == ["websocket"] && head.connectionOptions.contains("upgrade")
            && keys.count == 1 && keys[0].wholeMatch(of: /[A-Za-z0-9+\/]{22}==/) != nil
    }

    /// By the name as CGI sees it; what a trusted proxy or a well-formed trace may say stays.
    private func isRemoved(_ field: ReferenceFields.Field) -> Bool {
        switch field.loweredName {
        case "traceparent", "tracestate": return !hasTrace
        case "x-forwarded-prefix": return !isTrusted || !Self.isPlainPath(field.value)
        default: return Self.isRemoved(field.cgiName)
        }
    }

    /// A rooted path in which there is nothing to decode, to resolve or to cut off.
    private static func isPlainPath(_ path: [UInt8]) -> Bool {
        path.first == 0x2F && path.allSatisfy { ReferenceCharacters.target.contains($0) || $0 == 0x23 }
            && !["%", ";", "\\", "//", "/."].contains { path.text.contains($0) }
    }

    private static func isRemoved(_ name: String) -> Bool {
        let names: Set<String> = [
            "host", "connection", "content-length", "transfer-encoding", "expect", "x-forwarded-for", "x-forwarded-host",
            "x-forwarded-proto", "forwarded", "x-forwarded", "x-real-ip", "x-rewrite-url", "x-request-id", "via", "proxy", "x-url-scheme",
            "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization", "te", "trailer", "upgrade", "http2-settings",
            "remote-user",
        ]
        return names.contains(name)
            || ["x-gateway-", "x-forwarded-", "x-original-"].contains {
                name.hasPrefix($0) && (name.utf8.count > 10 && name != "x-gateway-")
            }
    }
}
