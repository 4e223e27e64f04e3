/// What an ID token must agree with: our settings, the request that it answers, and what came with it.
struct IDTokenExpectations: Sendable {
    var issuer: String
    var clientID: String
    var nonce: String
    var accessToken: String
    var code: String
    /// Seconds since 1970.
    var now: Double
    /// Seconds since 1970: the person must have proved who they are after this. `nil`: at any time.
    var loginNotBefore: Double?
}
