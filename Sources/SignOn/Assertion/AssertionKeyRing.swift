import Crypto
import Storage
import Synchronization
import Tenancy

/// The keys that sign assertions: made at first start, kept sealed in the store, rotated with overlap.
///
/// A new key is published `publicationLead` before it signs, so that every verifier that honours the
/// JWKS's `Cache-Control` has it by then; an old one stays published for `retirementDelay` after its
/// successor has begun, longer than any assertion lives.
public final class AssertionKeyRing: Sendable {
    /// Time for which one key signs.
    public static let signingPeriod: Duration = .seconds(30 * 24 * 3600)
    /// Time between publishing a key and signing with it. More than `jwksMaximumAge`.
    public static let publicationLead: Duration = .seconds(24 * 3600)
    /// Time for which a key stays published after its successor has begun to sign.
    public static let retirementDelay: Duration = .seconds(24 * 3600)
    /// `max-age` of the published key set, in seconds.
    public static let jwksMaximumAge = 3600

    private struct Key {
        let id: String
        let privateKey: P256.Signing.PrivateKey
        let activeFrom: Instant
    }

    /// Sorted by `activeFrom`.
    private let keys = Mutex<[Key]>([])
    private let store: Store
    private let randomBytes: @Sendable (Int) -> [UInt8]

    public init(store: Store, randomBytes: @escaping @Sendable (Int) -> [UInt8]) {
        self.store = store
        self.randomBytes = randomBytes
    }

    /// Loads the keys, makes the first or the next one when it is time, and forgets those that no
    /// assertion can need any more. Call it at start and about once an hour. `renewing` begins a
    /// rotation at once, whatever the age of the current key.
    public func maintain(now: Instant, renewing: Bool = false) async throws {
        let fresh = Self.makeKey(randomBytes: randomBytes)
        let stored = try await store.write { transaction in
            var stored = try transaction.signingKeys().sorted { $0.activeFrom < $1.activeFrom }
            let current = stored.last { $0.activeFrom <= now }
            let hasSuccessor = stored.contains { $0.activeFrom > now }
            let due = current.map { now >= $0.activeFrom.advanced(by: Self.signingPeriod - Self.publicationLead) } ?? true
            if !hasSuccessor, due || renewing {
                // The very first key has nothing to overlap with: it signs at once.
                let activeFrom = current == nil ? now : now.advanced(by: Self.publicationLead)
                let key = StoredSigningKey(
                    keyID: fresh.id, privateKey: fresh.privateKey, createdAt: now, activeFrom: activeFrom, retiredAt: nil)
                try transaction.insertSigningKey(key)
                stored.append(key)
            }
            if let current {
                for old in stored where old.activeFrom < current.activeFrom {
                    if now >= current.activeFrom.advanced(by: Self.retirementDelay) {
                        _ = try transaction.deleteSigningKey(old.keyID)
                        stored.removeAll { $0.keyID == old.keyID }
                    }
                }
            }
            return stored
        }
        try use(stored)
    }

    /// Takes over what another process has done to the keys.
    public func load() async throws { try use(try await store.read { try $0.signingKeys() }) }

    private func use(_ stored: [StoredSigningKey]) throws {
        let loaded = try stored.sorted { $0.activeFrom < $1.activeFrom }.map {
            Key(id: $0.keyID, privateKey: try .init(rawRepresentation: $0.privateKey), activeFrom: $0.activeFrom)
        }
        keys.withLock { $0 = loaded }
    }

    /// A compact JWS (RFC 7515 §3.1) over `claims`, ES256, with the given `typ`. `nil` before `maintain` has run.
    func sign(_ claims: JSONText, type: String, now: Instant) throws -> String? {
        guard let key = keys.withLock({ keys in keys.last { $0.activeFrom <= now } }) else { return nil }
        let header = JSONText.object([("alg", .string("ES256")), ("kid", .string(key.id)), ("typ", .string(type))])
        let signingInput = Base64URL.encode(header.utf8) + "." + Base64URL.encode(claims.utf8)
        let signature = try key.privateKey.signature(for: Array(signingInput.utf8))
        return signingInput + "." + Base64URL.encode(signature.rawRepresentation)
    }

    /// The published key set (RFC 7517 §5), public parts only.
    public func jwks() -> [UInt8] {
        let keys = keys.withLock { $0 }
        return JSONText.object([
            (
                "keys",
                .array(
                    keys.map { key in
                        let point = [UInt8](key.privateKey.publicKey.rawRepresentation)
                        return .object([
                            ("kty", .string("EC")), ("crv", .string("P-256")), ("use", .string("sig")),
                            ("alg", .string("ES256")), ("kid", .string(key.id)),
                            ("x", .string(Base64URL.encode(point.prefix(32)))),
                            ("y", .string(Base64URL.encode(point.suffix(32)))),
                        ])
                    })
            )
        ]).utf8
    }

    private static func makeKey(randomBytes: (Int) -> [UInt8]) -> (id: String, privateKey: [UInt8]) {
        (Base64URL.encode(randomBytes(12)), [UInt8](P256.Signing.PrivateKey().rawRepresentation))
    }
}
