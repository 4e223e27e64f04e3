import Tenancy

extension Reason {
    /// One step of a decision in plain words.
    public func sentence(_ names: Names) throws -> String {
        switch self {
        case .passedOver(let id, let refusal):
            "\(try names.organization(id)) is passed over. \(refusal.explanation.text)"
        case .accepted(let id, .owned(let connection)):
            "\(try names.organization(id)) accepts the sign-in: it owns \(try names.connection(connection))"
        case .accepted(let id, .external(let link)):
            "\(try names.organization(id)) accepts the sign-in through its external connection \(try names.externalConnection(link))"
        case .recognizedBySubject(let id): "the subject is known as \(try names.member(id))"
        case .linkedByEmail(let id): "the address is that of \(try names.member(id)), whom the subject is linked to"
        case .provisioned(let id): "a new member of \(try names.organization(id)) is made just in time"
        case .emailAdopted: "the member's address is replaced by the asserted one"
        case .emailKept: "the member keeps the address that they have; the asserted one is another"
        case .isOwner(let id): "\(try names.organization(id)) owns the connection, and comes first"
        case .isOldest(let id): "\(try names.organization(id)) is the oldest organization that takes the person in"
        case .roleCapped(let role): "the role \(role) is above the role ceiling, and is not given"
        case .refused(let refusal): refusal.explanation.text
        }
    }
}

extension DiscoveryFinding {
    /// Why the way in is shown or not, in plain words.
    public var sentence: String {
        switch verdict {
        case .shown(asMember: true): "shown: a member there has the address"
        case .shown(asMember: false): "shown: the person could join there, and the address is of a domain that is listed"
        case .hidden(let obstacle): "not shown: \(obstacle.sentence)"
        }
    }
}

extension DiscoveryObstacle {
    public var sentence: String {
        switch self {
        case .refused(let refusal): refusal.explanation.text
        case .shutOut(let refusal): refusal.explanation.text
        case .membershipNotProven:
            "R3: the organization's own administrator entered the address; it counts after the person's first sign-in there"
        case .belongsElsewhere: "R3: the person could join here, but is a member elsewhere, which comes first"
        case .provisioningNotPermitted:
            "R6: nobody with the address is a member, and sso_jit_provisioning makes no members this way"
        case .domainNotListed: "R3: the domain is not in the email_domains of the connection or of the external connection"
        case .domainNotNamed:
            "R3: nothing connects the domain with it: neither email_domains nor the organization's email_allowed_domains"
        case .domainNotProven:
            "R3: the organization's own administrator named the domain; it counts once it is verified"
        }
    }
}

extension GrantedRole.Source {
    public func sentence(_ names: Names) throws -> String {
        switch self {
        case .direct: "assigned directly"
        case .emailDomain(let domain): "everybody of \(domain)"
        case .connection(let via): "everybody through \(try names.accepted(via))"
        case .group(let group, let via): "the group \(group) through \(try names.accepted(via))"
        }
    }
}
