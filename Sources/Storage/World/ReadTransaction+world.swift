import Tenancy

extension ReadTransaction {
    /// The slice of the tenancy that `question` can touch. `decide(_:in:)` gives the same decision over it as
    /// over everything, because:
    ///
    /// - A sign-in over root connection C concerns C, its owner, and who has an external connection to C (R1);
    ///   where the target names one organization, only that one.
    /// - In each of them it concerns the members who have the subject or the address (R2), whatever other
    ///   subjects they have, and the connections of those.
    /// - What a session reaches are the organizations that a landing at its root connection concerns, and those that have
    ///   recognized its subject; of organizations with such people also what else they accept.
    /// - A start concerns what it names and, for an organization, what that accepts.
    /// - Discovery concerns the organizations of members with the address, with everything that they accept,
    ///   and whatever lists its domain (R3).
    ///
    /// Every query goes through an index: the cost grows with the slice, never with the rest.
    public func world(for question: Question) throws -> World {
        var slice = WorldSlice(self)
        switch question {
        case .discovery(let address):
            try slice.addDiscovery(address)
        case .start(.rootConnection(let id)):
            try slice.addConnection(id)
        case .start(.externalConnection(let id)):
            try slice.addExternalConnection(id)
        case .start(.organization(let id)):
            try slice.addOrganization(id)
            try slice.addAccepted(by: id)
        case .landing(let target, let evidence, _):
            try slice.addLanding(target, evidence)
        case .exchange(let session, let organizationID, _):
            try slice.addPart(of: session.organizationID, for: session.evidence)
            try slice.addMember(session.memberID)
            try slice.addPart(of: organizationID, for: session.evidence)
        case .reach(let session):
            try slice.addReach(session)
        case .continuation(let session):
            try slice.addPart(of: session.organizationID, for: session.evidence)
            try slice.addMember(session.memberID)
        case .consent(_, let link, _):
            try slice.addExternalConnection(link.id)
            try slice.addConnection(link.connectionID)
            try slice.addOrganization(link.borrowerID)
            try slice.addLinks(of: link.borrowerID, to: link.connectionID)
        case .identityProviderChange(let id, _):
            try slice.addConnection(id)
            try slice.addLinks(to: id)
        }
        return slice.world
    }
}
