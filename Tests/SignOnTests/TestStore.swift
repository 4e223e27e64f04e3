import Foundation
import Logging
import OIDC
import Storage
import Synchronization
import Tenancy

@testable import SignOn

/// A real store in a folder of its own, a clock moved by hand, and sign-on over both.
final class TestBench: Sendable {
    let folder: String
    let store: Store
    let signOn: SignOnService
    let keys: AssertionKeyRing
    private let time: Clock

    final class Clock: Sendable {
        let now = Mutex(Instant(seconds: 1_800_000_000))
    }

    private struct Nobody: Fetcher {
        struct Unreachable: Error {}
        func send(_ request: OutgoingRequest) async throws -> IncomingResponse { throw Unreachable() }
    }

    static let acme = Organization(id: OrganizationID("organization-1"), slug: "acme", name: "Acme", createdAt: Instant(seconds: 1))
    static let alice = Member(
        id: MemberID("member-1"), organizationID: acme.id, email: EmailAddress("alice@acme.example") ?? fallback, name: "Älice 100%",
        roles: [RoleID("editor")], authority: .project, hasSignedIn: true)
    private static var fallback: EmailAddress { preconditionFailure("a literal address parses") }
    static let connection = Connection(
        id: ConnectionID("oidc-connection-1"), displayName: "Acme", organizationID: acme.id, kind: .oidc)

    init(idleTimeout: Duration = .seconds(3600), lifetime: Duration = .seconds(7200)) async throws {
        folder = NSTemporaryDirectory() + "sign-on-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let store = try await Store.open(.sqlite(path: folder + "/gateway.db"), polling: .manual)
        self.store = store
        let time = Clock()
        self.time = time
        let clock: @Sendable () -> Instant = { time.now.withLock { $0 } }
        let random: @Sendable (Int) -> [UInt8] = { (0..<$0).map { _ in .random(in: 0...255) } }
        keys = AssertionKeyRing(store: store, randomBytes: random)
        signOn = SignOnService(
            store: store, providers: ProviderDirectory(fetcher: Nobody(), clock: { clock().milliseconds }), metadata: { _ in nil },
            keys: keys,
            settings: SignOnSettings(
                externalOrigin: "https://auth.example", idleTimeout: idleTimeout, lifetime: lifetime, storeGrace: .seconds(30),
                customClaims: ["department": "{member.trusted_metadata.department}", "plain": "x-{organization}"],
                signInsPerMinutePerAddress: 60, discoveriesPerMinutePerAddress: 60,
                routes: RoutePlan(hosts: [.exact("wiki.acme.example", organizationSlug: "acme")], scheme: "https", port: nil)),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, clock: clock, randomBytes: random)
        try await store.write { transaction in
            try transaction.insertOrganization(Self.acme)
            try transaction.insertMember(Self.alice)
            try transaction.insertConnection(
                StoredConnection(
                    name: "acme", connection: Self.connection,
                    settings: .oidc(OIDCConnectionSettings(issuer: "https://idp.example", clientID: "1", clientSecret: nil))))
            try transaction.linkSubject(
                SubjectLink(
                    memberID: Self.alice.id, organizationID: Self.acme.id, connectionID: Self.connection.id,
                    issuer: "https://idp.example", subject: "alice"))
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    var now: Instant { time.now.withLock { $0 } }
    func advance(by duration: Duration) { time.now.withLock { $0 = $0.advanced(by: duration) } }

    /// What the IdP has said of Alice, just now.
    func evidence(context: String? = nil, statesTime: Bool = true) -> Evidence {
        Evidence(
            connectionID: Self.connection.id, issuer: "https://idp.example", subject: "alice", email: Self.alice.email,
            attributes: ["department": ["R&D"]], authenticatedAt: now, statedAuthenticationTime: statesTime ? now : nil,
            authenticationContext: context)
    }

    /// A session of Alice's on the wiki, of a sign-in if one is given; returns its token.
    func signIn(
        expiresAfter lifetime: Duration = .seconds(7200), evidence: Evidence? = nil, of signIn: SecretToken? = nil
    ) async throws -> SecretToken {
        let token = SecretToken.random()
        let now = now
        let evidence = evidence ?? self.evidence()
        try await store.write { transaction in
            try transaction.insertSession(
                StoredSession(
                    tokenHash: token.hash, id: "session-" + token.hash.text,
                    session: Session(
                        memberID: Self.alice.id, organizationID: Self.acme.id, evidence: evidence,
                        expiresAt: now.advanced(by: lifetime)),
                    via: .owned(Self.connection.id), host: "wiki.acme.example", signInHash: signIn?.hash, createdAt: now,
                    lastSeenAt: now))
        }
        return token
    }

    /// A sign-in of Alice's on the host of `external_url`; returns its token.
    func signInRecord(expiresAfter lifetime: Duration = .seconds(7200)) async throws -> SecretToken {
        let token = SecretToken.random()
        let now = now
        let evidence = evidence()
        try await store.write { transaction in
            try transaction.insertSignInRecord(
                SignInRecord(
                    hash: token.hash, evidence: evidence, memberID: Self.alice.id, organizationID: Self.acme.id, createdAt: now,
                    lastSeenAt: now, expiresAt: now.advanced(by: lifetime)))
        }
        return token
    }

    func identity(
        _ token: SecretToken, host: String = "wiki.acme.example", slug: String = "acme", roles: [RoleID] = [],
        demand: SignInDemand? = nil, templates: [IdentityHeaderTemplate] = [], requestID: String = ""
    ) async -> IdentityAnswer.Outcome {
        await signOn.identity(
            IdentityRequest(
                tokenHash: token.hash, host: host, organizationSlug: slug, audience: "https://" + host, requiredRoles: roles,
                demand: demand, templates: templates, requestID: requestID))
    }
}

extension IdentityAnswer.Outcome {
    var label: String {
        switch self {
        case .identity: "identity"
        case .absent: "absent"
        case .forbidden: "forbidden"
        case .stepUpNeeded: "step-up needed"
        case .unknown: "unknown"
        }
    }

    /// Header lines by name.
    var headers: [String: String] {
        guard case .identity(let answer) = self else { return [:] }
        let lines = String(decoding: answer.headers, as: UTF8.self).components(separatedBy: "\r\n").filter { !$0.isEmpty }
        return Dictionary(
            lines.map { line in
                let parts = line.split(separator: ":", maxSplits: 1)
                return (String(parts[0]), String(parts[1].dropFirst()))
            }
        ) { first, _ in first }
    }
}
