import Tenancy

extension ReadTransaction {
    /// The slice of the tenancy that `question` can touch. `decide(_:in:)` gives the same decision over it as
    /// over everything, because:
    ///
    /// - A sign-in over root connection C concerns C, its owner, and who has an external connection to C (R1);
    ///   where the target names one organization, only that one.
    /// - In each of them it concerns the members who have the subject or the address (R2), whatever other
    ///   subjects they have, and the connections of those.
    /// - What a session reaches are the root connection's owner and borrowers who know the person or might make them a
    ///   member, and those that have recognized its subject; of organizations with such people also what else they accept.
    /// - A start concerns what it names and, for an organization, what that accepts.
    /// - Discovery concerns the organizations of members with the address, with everything that they accept,
    ///   and whatever lists its domain (R3), links only where they might make somebody a member.
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

    /// The slice of discovery with everything that it does not show, which makes no difference to what it does.
    public func worldExplainingDiscovery(of address: EmailAddress) throws -> World {
        var slice = WorldSlice(self)
        try slice.addDiscoveryAndHidden(address)
        return slice.world
    }

    /// The slice of a landing at a root connection without the borrowers that can only pass the person over: nobody there has
    /// the subject or the address, and the link makes no members. An admission over it is the admission over everything, since
    /// the order of the others is the same. A refusal is not: it names everybody who was passed over, and needs
    /// `world(for:)`. A connection may be lent to thousands of organizations, to whom most people are nobody.
    public func worldOfAdmissions(at id: ConnectionID, _ evidence: Evidence) throws -> World {
        var slice = WorldSlice(self)
        try slice.addAdmissions(at: id, evidence)
        return slice.world
    }
}
