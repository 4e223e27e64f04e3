/// An organization that a sign-in has something to do with, and how the person gets in there.
public struct Reach: Hashable, Sendable {
    public enum Way: Hashable, Sendable {
        /// One click: as a member who is recognized, or whom the address links.
        case enter
        /// One click makes the person a member (R6).
        case join
        /// A member whom this sign-in does not let in; another one may.
        case signInAnew
    }

    public var organizationID: OrganizationID
    public var way: Way

    public init(organizationID: OrganizationID, way: Way) {
        self.organizationID = organizationID
        self.way = way
    }
}

extension World {
    /// Every organization that the session's evidence reaches, by id: exactly those that an exchange by click admits to,
    /// and those where the person is a member whom only another sign-in lets in.
    ///
    /// To somebody whom the evidence does not reach an organization's name is none of their business (R3). So the second
    /// kind needs more than an address that some IdP asserts: the organization has recognized this very subject before,
    /// or it accepts the root connection, its lists let the address pass, and the member who has it is out of reach of
    /// an address alone. It must also accept another connection, or there is nothing to sign in with. The reasons tell of
    /// organizations that know the subject or the address.
    func reach(of session: Session) -> Decision {
        let evidence = session.evidence
        let connection: Connection
        let matches: EvidenceMatches
        switch usableConnection(evidence.connectionID).flatMap({ usable in usable.screen(evidence).map { (usable, $0) } }) {
        case .failure(let refusal): return Decision(.reach([]), reasons: [.refused(refusal)])
        case .success(let (usable, screened)):
            connection = usable
            matches = EvidenceMatches(of: screened, in: self)
        }
        var ways: [OrganizationID: Reach.Way] = [:]
        var reasons: [Reason] = []
        // Known there by subject; whoever is not active, by subject or address, is shut out instead.
        var members = Set(matches.organizationsBySubject.filter { matches.isOpen(in: $0) })
        for candidate in candidates(for: connection) {
            let id = candidate.organizationID
            let latitude: AdmissionLatitude =
                id == session.organizationID ? .onlyContinuing(session.memberID) : .withProvisioning
            switch acceptance(of: connection, by: candidate).flatMap({ matches.admission(through: $0, upTo: latitude) }) {
            case .success(let grant):
                if case .provisioning = grant.membership { ways[id] = .join } else { ways[id] = .enter }
            case .failure(let refusal):
                if matches.knowSomebody(in: id) { reasons.append(.passedOver(id, refusal)) }
                if matches.isOutOfReach(in: id, refusal) { members.insert(id) }
            }
        }
        let others = members.subtracting(ways.keys)
        for acceptance in acceptances(by: others) where acceptance.connection.id != connection.id {
            ways[acceptance.organization.id] = .signInAnew
        }
        let reached = ways.map { Reach(organizationID: $0.key, way: $0.value) }
        return Decision(.reach(reached.sorted { $0.organizationID < $1.organizationID }), reasons: reasons)
    }
}

extension EvidenceMatches {
    /// Whether nobody who matches there is suspended or deleted.
    fileprivate func isOpen(in organizationID: OrganizationID) -> Bool {
        (membersBySubject(in: organizationID) + membersByAddress(in: organizationID)).allSatisfy { $0.status == .active }
    }

    fileprivate func knowSomebody(in organizationID: OrganizationID) -> Bool {
        !membersBySubject(in: organizationID).isEmpty || !membersByAddress(in: organizationID).isEmpty
    }

    /// Whether the refusal says that the asserted address is a member's whom an address alone must not lead to.
    fileprivate func isOutOfReach(in organizationID: OrganizationID, _ refusal: Refusal) -> Bool {
        switch refusal {
        case .linkedElsewhere, .rolesExceedCeiling: !membersByAddress(in: organizationID).isEmpty
        default: false
        }
    }
}
