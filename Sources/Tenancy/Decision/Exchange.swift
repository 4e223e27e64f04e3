extension World {
    /// A session into another organization (R5): all rules again, there, on the evidence kept in the session.
    /// The session's own member and roles are never looked at.
    func exchange(of session: Session, into organizationID: OrganizationID, byClick: Bool) -> Decision {
        guard organizationID != session.organizationID else { return continuation(of: session) }
        return .verdict(
            admission(
                of: session.evidence, into: organizationID, upTo: byClick ? .withProvisioning : .withoutProvisioning))
    }

    /// Whether a session still stands where it is, and with which roles (R8): its organization accepts the
    /// root connection, the evidence passes its conditions, and its subject is still the session's member.
    func continuation(of session: Session) -> Decision {
        .verdict(
            admission(
                of: session.evidence, into: session.organizationID, upTo: .onlyContinuing(session.memberID)))
    }

    private func admission(
        of evidence: Evidence, into organizationID: OrganizationID, upTo latitude: AdmissionLatitude
    ) -> Result<Grant, Refusal> {
        acceptance(of: evidence.connectionID, by: organizationID).flatMap { acceptance in
            acceptance.connection.screen(evidence).flatMap { screened in
                EvidenceMatches(of: screened, in: self).admission(through: acceptance, upTo: latitude)
            }
        }
    }
}
