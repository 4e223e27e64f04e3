/// Why the answer of the userinfo endpoint was not taken.
public enum UserinfoRefusal: String, Error, Sendable, Equatable, CaseIterable {
    /// The connection wants it always, and the provider has none.
    case endpointMissing = "endpoint_missing"
    /// No answer, or a status other than 200.
    case unavailable
    /// A signed or encrypted answer, which this version does not read.
    case signedAnswer = "signed_answer"
    case malformed
    /// `sub` is absent or another one (OpenID Connect Core §5.3.2: "MUST NOT be used").
    case wrongSubject = "wrong_subject"
}
