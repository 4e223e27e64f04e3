/// Why a callback was not taken.
public enum CallbackRefusal: String, Error, Sendable, Equatable, CaseIterable {
    /// A parameter occurs twice (RFC 6749 §3.1: "MUST NOT be included more than once").
    case duplicateParameter = "duplicate_parameter"
    /// Too many parameters, or one too long.
    case tooLarge = "too_large"
    /// It belongs to another connection, or the connection has changed since.
    case pendingMismatch = "pending_mismatch"
    case stateMismatch = "state_mismatch"
    /// `iss` is not the provider that we sent the browser to (RFC 9207).
    case issuerMismatch = "issuer_mismatch"
    /// The provider says that it always sends `iss`, and here is none.
    case issuerMissing = "issuer_missing"
    /// Neither a code nor an error, or both.
    case malformed
}
