extension Decision {
    /// A refusal, which is also the last of its reasons.
    static func refusal(_ refusal: Refusal, after reasons: [Reason] = []) -> Decision {
        Decision(.refuse(refusal), reasons: reasons + [.refused(refusal)])
    }

    /// An admission with its own reasons after those that led to it, or the refusal.
    static func verdict(_ result: Result<Grant, Refusal>, after reasons: [Reason] = []) -> Decision {
        switch result {
        case .success(let grant): grant.decision(after: reasons)
        case .failure(let refusal): .refusal(refusal, after: reasons)
        }
    }
}
