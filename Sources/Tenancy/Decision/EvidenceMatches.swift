/// Whom one piece of evidence matches, in every organization of the world: by subject, which recognizes, and
/// by address, which may link. Built in one pass, so that considering many organizations stays linear.
struct EvidenceMatches {
    let evidence: Evidence
    let address: EmailAddress
    private var bySubject: [OrganizationID: [Member]] = [:]
    private var byAddress: [OrganizationID: [Member]] = [:]
    /// Every subject link of the members above.
    private var links: [MemberID: [SubjectLink]] = [:]
    /// The owners of the connections that those links go through; none for a connection that is not known.
    private var owners: [ConnectionID: OrganizationID] = [:]

    init(of screened: ScreenedEvidence, in world: World) {
        evidence = screened.evidence
        address = screened.address
        var matched: Set<MemberID> = []
        for member in world.members.values where member.email == address {
            byAddress[member.organizationID, default: []].append(member)
            matched.insert(member.id)
        }
        for link in world.subjectLinks where recognizes(link) {
            // A link whose member is not there, or is another organization's, recognizes nobody.
            guard let member = world.members[link.memberID], member.organizationID == link.organizationID else { continue }
            bySubject[member.organizationID, default: []].append(member)
            matched.insert(member.id)
        }
        for link in world.subjectLinks where matched.contains(link.memberID) {
            links[link.memberID, default: []].append(link)
            owners[link.connectionID] = world.connections[link.connectionID]?.organizationID
        }
    }

    /// Members of the organization with a link of this connection, issuer and subject: one, in a sound world.
    func membersBySubject(in organizationID: OrganizationID) -> [Member] {
        (bySubject[organizationID] ?? []).sorted { $0.id < $1.id }
    }

    /// Organizations with a member whom the subject recognizes.
    var organizationsBySubject: [OrganizationID] { Array(bySubject.keys) }

    /// Members of the organization who have the asserted address: one at most, in a sound world.
    func membersByAddress(in organizationID: OrganizationID) -> [Member] {
        (byAddress[organizationID] ?? []).sorted { $0.id < $1.id }
    }

    /// The member's links, except the one that recognizes this evidence.
    func otherLinks(of member: Member) -> [SubjectLink] {
        (links[member.id] ?? []).filter { !recognizes($0) }
    }

    func owner(of connectionID: ConnectionID) -> OrganizationID? { owners[connectionID] }

    private func recognizes(_ link: SubjectLink) -> Bool {
        link.connectionID == evidence.connectionID && link.issuer.hasSameBytes(as: evidence.issuer)
            && link.subject.hasSameBytes(as: evidence.subject)
    }
}
