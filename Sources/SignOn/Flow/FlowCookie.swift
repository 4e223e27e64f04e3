import Storage

/// Value of the cookie that binds flows to the browser that began them: a random token, with a mark in
/// front of it once the person has signed out here.
struct FlowCookie {
    private static let signedOutMark = "~"

    let token: SecretToken
    let hasSignedOut: Bool

    init(token: SecretToken, hasSignedOut: Bool = false) {
        self.token = token
        self.hasSignedOut = hasSignedOut
    }

    /// `nil` unless the value is one that we could have set.
    init?(_ value: String?) {
        guard let value else { return nil }
        let marked = value.hasPrefix(Self.signedOutMark)
        guard let token = SecretToken(marked ? String(value.dropFirst()) : value) else { return nil }
        self.init(token: token, hasSignedOut: marked)
    }

    var value: String { (hasSignedOut ? Self.signedOutMark : "") + token.revealed }
}
