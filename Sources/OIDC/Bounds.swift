/// Every bound on what comes from outside, with its unit and the reason for its size.
enum Bounds {
    // MARK: Documents of the provider

    /// Discovery document, bytes: many times what the members of the specifications need.
    static let maximumMetadataBytes = 256 * 1024
    /// Key set, bytes. Leaves room for certificate chains in `x5c`.
    static let maximumKeySetBytes = 512 * 1024
    /// Keys read from one set; more is a refused set. Each costs one point or modulus check.
    static let maximumKeysInSet = 128
    /// Answer of the token endpoint, bytes: three tokens and some parameters.
    static let maximumTokenResponseBytes = 256 * 1024
    /// Answer of the userinfo endpoint, bytes.
    static let maximumUserinfoBytes = 256 * 1024
    /// URL in a document or in settings, bytes.
    static let maximumURLBytes = 2048
    /// Total time for one request to the provider.
    static let requestDeadline: Duration = .seconds(10)

    // MARK: JSON

    /// Nesting of arrays and objects. Bounds the parser's recursion.
    static let maximumJSONDepth = 16
    /// Values in one document. Bounds the memory of `[[],[],…]` to a few MiB.
    static let maximumJSONValues = 20_000
    /// Length of one number, bytes. A double needs 24; more digits say nothing.
    static let maximumJSONNumberBytes = 64

    // MARK: Tokens

    /// A signed token, bytes, checked before anything is decoded. Tokens with hundreds of groups
    /// stay below it.
    static let maximumTokenBytes = 64 * 1024
    /// Access token, bytes: it must fit in the head of the userinfo request.
    static let maximumAccessTokenBytes = 16 * 1024
    /// `kid`, bytes.
    static let maximumKeyIDBytes = 1024
    /// `sub` and `sid`, bytes. OpenID Connect Core §2: at most 255 ASCII characters.
    static let maximumSubjectBytes = 255
    /// `acr`, bytes.
    static let maximumAuthenticationContextBytes = 1024
    /// Audiences of one token.
    static let maximumAudiences = 32
    /// RSA modulus, bits. The lower bound is NIST SP 800-131A's; the upper one bounds the
    /// time of a verification, which grows with the square of the length.
    static let rsaModulusBits = 2048...8192
    /// RSA public exponent. FIPS 186-5 §5.1 starts at 65537; four bytes bound the verification.
    static let rsaExponent: ClosedRange<UInt64> = 65_537...0xFFFF_FFFF

    // MARK: Time, in seconds

    /// Tolerated difference between the provider's clock and ours.
    static let clockSkew: Double = 60
    /// Age of an ID token (`iat`) at the callback. It has just been fetched; the rest is for
    /// providers that sign it when the person signs in, and not when the code is redeemed.
    static let maximumIDTokenAge: Double = 600

    // MARK: The authorization request and its answer

    /// Scopes in one request.
    static let maximumScopes = 64
    /// One scope, bytes.
    static let maximumScopeBytes = 256
    /// `login_hint`, bytes.
    static let maximumLoginHintBytes = 512
    /// Parameters of one callback.
    static let maximumCallbackParameters = 32
    /// One value of a callback, bytes. Leaves room for codes that are encrypted tokens.
    static let maximumCallbackValueBytes = 8 * 1024
    /// Random bytes in the nonce and in the code verifier.
    static let randomByteCount = 32
}
