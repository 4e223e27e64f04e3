/// What is kept between `RelyingParty.begin` and `RelyingParty.complete`. It must be kept where the
/// browser can't read or change it, bound to that browser, and be used once.
public struct PendingAuthorization: Sendable, Equatable, Codable {
    /// Comes back in the callback.
    public var state: String
    /// Comes back in the ID token.
    public var nonce: String
    /// Proves at the token endpoint that the code was asked for by us (RFC 7636).
    public var codeVerifier: String
    public var redirectURI: String
    /// Whom we sent the browser to; nobody else may answer (RFC 9207).
    public var issuer: String
    /// When the browser was sent, in milliseconds since 1970.
    public var begunAt: Int64
    /// Whether the person had to sign in anew, so that an older sign-in is refused.
    public var forcesLogin: Bool

    public init(
        state: String, nonce: String, codeVerifier: String, redirectURI: String, issuer: String, begunAt: Int64,
        forcesLogin: Bool
    ) {
        self.state = state
        self.nonce = nonce
        self.codeVerifier = codeVerifier
        self.redirectURI = redirectURI
        self.issuer = issuer
        self.begunAt = begunAt
        self.forcesLogin = forcesLogin
    }
}

extension PendingAuthorization: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "PendingAuthorization to \(issuer)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
