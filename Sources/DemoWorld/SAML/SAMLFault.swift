extension DemoSAMLIdentityProvider {
    /// Something that the provider does wrong until it is withdrawn. Injected by code alone; no request can.
    public enum Fault: Sendable, Hashable, CaseIterable {
        // The signature.
        case unsigned
        case badSignature
        /// Signed, then the address is changed.
        case tamperedAfterSigning
        /// Signed with a key that the metadata does not have, whose certificate comes along in `KeyInfo`.
        case signedWithOtherKey

        // What the response is for.
        case wrongAudience
        case missingAudience
        case wrongRecipient
        case wrongDestination
        case wrongInResponseTo
        case missingInResponseTo
        case otherIssuer

        // Time.
        case expired
        case notYetValid
        case missingConditions

        // The person.
        case transientNameID
        case missingNameID
        case missingEmail
        /// A comment within the address.
        case commentInEmail

        // Other.
        /// Status `AuthnFailed`, no assertion.
        case authenticationFailed
        /// The same assertion as in the answer before.
        case repeatsAssertionID
    }

    /// From now on, and until ``withdraw(_:)``.
    public func inject(_ fault: Fault) { state.withLock { _ = $0.faults.insert(fault) } }

    public func withdraw(_ fault: Fault) { state.withLock { _ = $0.faults.remove(fault) } }

    public func withdrawAllFaults() { state.withLock { $0.faults = [] } }
}
