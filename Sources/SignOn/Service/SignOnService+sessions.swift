import Storage
import Tenancy

extension SignOnService {
    /// `/.gateway/sessions`: every sign-in of the person whom this browser is signed in as.
    public func sessionList(cookies: BrowserCookies) async -> Lookup<SessionList> {
        guard let token = cookies.signIn.flatMap({ SecretToken($0) }) else { return .absent }
        let now = clock()
        do {
            let list: SessionList? = try await store.read { transaction in
                guard let record = try self.liveSignIn(token, at: now, in: transaction) else { return nil }
                let person = record.evidence.person
                let records = try transaction.signInRecords(of: person, at: now).filter {
                    !self.isIdle($0.hash, lastSeenAt: $0.lastSeenAt, at: now)
                }
                let sessions = try transaction.sessions(of: person, at: now).filter {
                    !self.isIdle($0.tokenHash, lastSeenAt: $0.lastSeenAt, at: now)
                }
                let devices = self.devices(records: records, sessions: sessions, this: token.hash)
                let shown = devices.prefix(SessionList.maximumDevices)
                var names: [OrganizationID: String] = [:]
                return SessionList(
                    email: record.evidence.email?.rawValue ?? "",
                    devices: try shown.map { device in
                        try device.described { id in
                            if let name = names[id] { return name }
                            let name = try transaction.organization(id)?.name ?? ""
                            names[id] = name
                            return name
                        }
                    }, omitted: devices.count - shown.count, csrfToken: Self.signInFormToken(for: token), now: now)
            }
            guard let list else { return .absent }
            await noteUse(session: nil, signIn: token.hash, at: now)
            return .found(list)
        } catch {
            return .unknown(unavailable(error))
        }
    }

    /// `POST /.gateway/sessions`. Ending a device ends its sign-in too: with that it would get new sessions silently.
    public func endSessions(
        _ ending: SessionEnding, csrfToken: String?, cookies: BrowserCookies, context: RequestContext
    ) async -> Step {
        await answering(context, .sessions) {
            guard let token = cookies.signIn.flatMap({ SecretToken($0) }) else { return .failure(.tenancy(.sessionExpired)) }
            guard let csrfToken, ConstantTime.areEqual(csrfToken, Self.signInFormToken(for: token)) else {
                return .failure(.forgedForm)
            }
            let now = clock()
            let eventID = makeEventID()
            let endsThis: Bool? = try await store.write { transaction in
                guard let record = try self.liveSignIn(token, at: now, in: transaction) else { return nil }
                let person = record.evidence.person
                let endsThis: Bool
                switch ending {
                case .everywhere:
                    endsThis = true
                    _ = try transaction.deleteSessions(of: person)
                    // Also those of somebody else who had signed in in this browser before.
                    _ = try transaction.deleteSessions(ofSignIn: token.hash)
                case .others:
                    endsThis = false
                    _ = try transaction.deleteSessions(of: person, exceptOfSignIn: token.hash)
                case .device(let id):
                    endsThis = id == token.hash.text
                    try Self.endDevice(id, of: person, in: transaction)
                    if endsThis { _ = try transaction.deleteSessions(ofSignIn: token.hash) }
                }
                try transaction.append(.sessionsEnded(id: eventID, at: now, ending: ending, record: record, context: context))
                return endsThis
            }
            guard let endsThis else { return .failure(.tenancy(.sessionExpired)) }
            return .success(
                .redirect(to: settings.externalOrigin + (endsThis ? "/.gateway/signed-out" : "/.gateway/sessions"), cookies: []))
        }
    }

    /// Nothing of another person's, whatever the form names.
    private static func endDevice(_ id: String, of person: Person, in transaction: WriteTransaction) throws {
        // Whether something has expired makes no difference to ending it.
        let always = Instant(milliseconds: .min)
        if let hash = TokenHash(text: id), try transaction.signInRecord(hash, at: always)?.evidence.person == person {
            _ = try transaction.deleteSignInRecord(hash)
        }
        for session in try transaction.sessions(of: person, at: always) where session.deviceID == id {
            _ = try transaction.deleteSession(session.tokenHash)
        }
    }

    private func devices(records: [SignInRecord], sessions: [StoredSession], this: TokenHash) -> [UnnamedDevice] {
        var devices: [String: UnnamedDevice] = [:]
        for record in records {
            devices[record.hash.text] = UnnamedDevice(
                id: record.hash.text, isThis: record.hash == this, signedInAt: record.evidence.authenticatedAt,
                lastSeenAt: max(record.lastSeenAt, lastSeen.latest(record.hash) ?? record.lastSeenAt))
        }
        for session in sessions {
            let seen = max(session.lastSeenAt, lastSeen.latest(session.tokenHash) ?? session.lastSeenAt)
            let fresh = UnnamedDevice(
                id: session.deviceID, isThis: session.signInHash == this, signedInAt: session.session.evidence.authenticatedAt,
                lastSeenAt: seen)
            devices[session.deviceID, default: fresh].add(session, seen: seen)
        }
        return devices.values.sorted { left, right in
            if left.isThis != right.isThis { return left.isThis }
            return (right.lastSeenAt, left.id) < (left.lastSeenAt, right.id)
        }
    }
}

extension StoredSession {
    /// What it is grouped under: the sign-in that it came from, or itself.
    fileprivate var deviceID: String { signInHash?.text ?? id }
}

/// A device before its organizations were looked up.
private struct UnnamedDevice {
    var id: String
    var isThis: Bool
    var signedInAt: Instant
    var lastSeenAt: Instant
    var sessions: [(session: StoredSession, seen: Instant)] = []

    mutating func add(_ session: StoredSession, seen: Instant) {
        sessions.append((session, seen))
        lastSeenAt = max(lastSeenAt, seen)
    }

    func described(name: (OrganizationID) throws -> String) rethrows -> SessionList.Device {
        SessionList.Device(
            id: id, isThis: isThis, signedInAt: signedInAt, lastSeenAt: lastSeenAt,
            entries: try sessions.map { session, seen in
                SessionList.Entry(
                    organizationName: try name(session.session.organizationID), host: session.host, createdAt: session.createdAt,
                    lastSeenAt: seen)
            })
    }
}
