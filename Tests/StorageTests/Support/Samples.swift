import Storage
import Synchronization
import Tenancy
import Testing

/// A time for tests: seconds after an arbitrary one.
func at(_ seconds: Int64) -> Instant { Instant(seconds: 1_700_000_000 + seconds) }

func address(_ text: String) throws -> EmailAddress { try #require(EmailAddress(text)) }
func domain(_ text: String) throws -> EmailDomain { try #require(EmailDomain(text)) }
func hash(_ text: String) -> TokenHash { TokenHash(hashing: Array(text.utf8)) }

func organization(_ slug: String, createdAt: Instant = at(0)) -> Organization {
    Organization(id: OrganizationID("org-\(slug)"), slug: slug, name: slug, createdAt: createdAt)
}

func connection(_ name: String, of owner: String) -> StoredConnection {
    StoredConnection(
        name: name,
        connection: Connection(
            id: ConnectionID("con-\(name)"), displayName: name, organizationID: OrganizationID("org-\(owner)"), kind: .oidc),
        settings: .oidc(
            OIDCConnectionSettings(
                issuer: "https://\(name).example", clientID: "client", clientSecret: Secret("canary-secret-of-\(name)"))))
}

func link(_ name: String, from borrower: String, to connection: String) -> StoredExternalConnection {
    StoredExternalConnection(
        name: name,
        externalConnection: ExternalConnection(
            id: ExternalConnectionID("ext-\(name)"), displayName: name, borrowerID: OrganizationID("org-\(borrower)"),
            connectionID: ConnectionID("con-\(connection)")))
}

func member(_ name: String, of slug: String, email: String? = nil) throws -> Member {
    Member(
        id: MemberID("mem-\(slug)-\(name)"), organizationID: OrganizationID("org-\(slug)"),
        email: try address(email ?? "\(name)@\(slug).example"), name: name, authority: .project)
}

func evidence(_ connection: String, subject: String = "subject", email: String? = nil) throws -> Evidence {
    Evidence(
        connectionID: ConnectionID("con-\(connection)"), issuer: "https://\(connection).example", subject: subject,
        email: try email.map { try address($0) }, emailVerification: .verified, name: "Alice", groups: ["staff"],
        claims: ["hd": ["acme.example"]], authenticatedAt: at(0), validUntil: at(9000))
}

func session(
    _ token: String, connection: String = "okta", subject: String = "subject", signIn: String? = nil, seen: Int64 = 0,
    expires: Int64 = 3600
) throws -> StoredSession {
    StoredSession(
        tokenHash: hash(token), id: "session-live-\(token)",
        session: Session(
            memberID: MemberID("mem-acme-alice"), organizationID: OrganizationID("org-acme"),
            evidence: try evidence(connection, subject: subject, email: "alice@acme.example"), expiresAt: at(expires)),
        via: .owned(ConnectionID("con-\(connection)")), host: "wiki.acme.example", signInHash: signIn.map { hash($0) },
        createdAt: at(0), lastSeenAt: at(seen))
}

/// What a store announced, in order.
final class Announcements: Sendable {
    private let batches = Mutex<[Set<Change>]>([])

    func append(_ batch: Set<Change>) { batches.withLock { $0.append(batch) } }

    /// What came since the last call.
    func drain() -> [Set<Change>] {
        batches.withLock { batches in
            defer { batches = [] }
            return batches
        }
    }
}
