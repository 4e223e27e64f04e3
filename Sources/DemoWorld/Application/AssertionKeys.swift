import Crypto

/// The gateway's published keys, as an application keeps them.
actor AssertionKeys {
    /// Gets the key set's text from the gateway.
    typealias Fetch = @Sendable () async throws -> [UInt8]

    enum Answer: Sendable {
        case key(P256.Signing.PublicKey)
        /// The gateway publishes no such key.
        case unknown
        /// The key set could not be had.
        case unavailable
    }

    private let fetch: Fetch
    private let now: @Sendable () -> Int64
    private var keys: [String: P256.Signing.PublicKey] = [:]
    private var fetchedAt: Int64?

    /// Milliseconds between two fetches. An assertion can name any key id; this keeps forged ones from
    /// turning into requests to the gateway.
    static let minimumInterval: Int64 = 1000

    init(fetch: @escaping Fetch, now: @escaping @Sendable () -> Int64) {
        self.fetch = fetch
        self.now = now
    }

    func key(id: String) async -> Answer {
        if let key = keys[id] { return .key(key) }
        if let fetchedAt, now() - fetchedAt < Self.minimumInterval { return .unknown }
        guard let bytes = try? await fetch(), let published = JSONValue(parsing: bytes)?["keys"]?.array else {
            return .unavailable
        }
        fetchedAt = now()
        // The whole set is replaced: a key that the gateway has withdrawn is gone here too.
        keys = Dictionary(published.compactMap(Self.read), uniquingKeysWith: { first, _ in first })
        return keys[id].map(Answer.key) ?? .unknown
    }

    /// A P-256 signing key with an id; anything else in the set is passed over.
    private static func read(_ jwk: JSONValue) -> (String, P256.Signing.PublicKey)? {
        guard jwk["kty"]?.string == "EC", jwk["crv"]?.string == "P-256", jwk["use"]?.string ?? "sig" == "sig",
            jwk["alg"]?.string ?? "ES256" == "ES256", let id = jwk["kid"]?.string,
            let x = jwk["x"]?.string.flatMap(Base64URL.decode), let y = jwk["y"]?.string.flatMap(Base64URL.decode),
            x.count == 32, y.count == 32, let key = try? P256.Signing.PublicKey(rawRepresentation: x + y)
        else { return nil }
        return (id, key)
    }
}
