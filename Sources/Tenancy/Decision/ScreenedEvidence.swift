/// Evidence that passed what its root connection demands of every sign-in through it, whichever
/// organization it leads to: an address, the connection's domain list, its required claims (R2).
struct ScreenedEvidence {
    let evidence: Evidence
    let address: EmailAddress

    fileprivate init(evidence: Evidence, address: EmailAddress) {
        self.evidence = evidence
        self.address = address
    }
}

extension Connection {
    func screen(_ evidence: Evidence) -> Result<ScreenedEvidence, Refusal> {
        guard evidence.connectionID == id else { return .failure(.evidenceMismatch) }
        guard let address = evidence.email else { return .failure(.emailMissing) }
        if let emailDomains, !emailDomains.contains(address.domain) { return .failure(.emailDomainNotAllowed) }
        for (claim, accepted) in requiredClaims {
            let asserted = evidence.claims[claim] ?? []
            guard asserted.contains(where: { value in accepted.contains { $0.hasSameBytes(as: value) } }) else {
                return .failure(.requiredClaimMissing)
            }
        }
        return .success(ScreenedEvidence(evidence: evidence, address: address))
    }
}
