import Storage
import Tenancy

/// What a change in the store makes stale in the data plane's caches.
public struct Invalidation: Sendable {
    public var sessions: Set<TokenHash> = []
    /// Every cached session that carries one of them.
    public var tags: Set<UInt64> = []
    public var everything = false

    public init(_ changes: some Sequence<Change>) {
        for change in changes {
            switch change {
            case .session(let hash): sessions.insert(hash)
            case .person(let person):
                tags.insert(Self.tag("person", person.connectionID.rawValue, person.issuer, person.subject))
            case .member(let id): tags.insert(Self.tag("member", id.rawValue))
            case .organization(let id): tags.insert(Self.tag("organization", id.rawValue))
            case .connection(let id): tags.insert(Self.tag("connection", id.rawValue))
            case .externalConnection(let id): tags.insert(Self.tag("external", id.rawValue))
            case .assertionKeys: break
            case .everything: everything = true
            }
        }
    }

    static func tags(of session: Session, via: AcceptedConnection, owner: OrganizationID) -> Set<UInt64> {
        let evidence = session.evidence
        var tags: Set<UInt64> = [
            tag("person", evidence.connectionID.rawValue, evidence.issuer, evidence.subject),
            tag("member", session.memberID.rawValue), tag("organization", session.organizationID.rawValue),
            tag("organization", owner.rawValue), tag("connection", evidence.connectionID.rawValue),
        ]
        if case .external(let id) = via { tags.insert(tag("external", id.rawValue)) }
        return tags
    }

    static func tags(of organization: OrganizationID) -> Set<UInt64> { [tag("organization", organization.rawValue)] }

    /// A collision ends nothing: it makes one session be looked up once more.
    private static func tag(_ parts: String...) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(parts)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }
}
