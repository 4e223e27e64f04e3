/// What a configured header or claim may speak of; a closed list.
public enum IdentityPlaceholder: String, Sendable, CaseIterable {
    case email, name, member, organization
    case organizationID = "organization_id"
    case roles, groups, session
}

/// One header that a route adds, from text and placeholders. An empty value sends no header.
public struct IdentityHeaderTemplate: Sendable, Equatable {
    public enum Part: Sendable, Equatable {
        case text(String)
        case placeholder(IdentityPlaceholder)
    }

    public var name: String
    public var parts: [Part]

    public init(name: String, parts: [Part]) {
        self.name = name
        self.parts = parts
    }
}
