import Storage

extension TokenHash {
    /// base64url, 43 characters. A hash is no secret: it travels in addresses, to be compared with the cookie.
    var text: String { Base64URL.encode(bytes) }

    /// `nil` unless the text is exactly what `text` writes.
    init?(text: String) {
        guard let bytes = Base64URL.decode(text) else { return nil }
        self.init(bytes: bytes)
    }
}
