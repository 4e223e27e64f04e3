/// Why no authorization request was made.
public enum AuthorizationRequestRefusal: String, Error, Sendable, Equatable, CaseIterable {
    /// Not a scope token of RFC 6749 §3.3, or too many or too long.
    case scopeMalformed = "scope_malformed"
    /// Empty, too long, or with control characters.
    case loginHintMalformed = "login_hint_malformed"
    /// The source of random bytes gave too few.
    case randomnessUnavailable = "randomness_unavailable"
}
