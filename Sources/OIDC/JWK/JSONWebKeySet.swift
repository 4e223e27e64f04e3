/// The keys of a provider that may verify signatures, with what became of the others.
public struct JSONWebKeySet: Sendable {
    let keys: [JSONWebKey]
    /// Why keys of the set are not used, in the order of the set. Without their values.
    public let refusedKeys: [JSONWebKeyRefusal]

    /// How many keys of the set can be used.
    public var count: Int { keys.count }

    /// Reads a JWK set (RFC 7517 §5), key by key: an odd key is left out and never spoils the rest
    /// ("implementations SHOULD ignore JWKs … that use kty values that are not understood").
    /// `nil` if it is not a set at all, or one beyond its bounds.
    static func parse(_ bytes: [UInt8]) -> JSONWebKeySet? {
        guard case .success(let value) = JSONValue.parse(bytes, maximumBytes: Bounds.maximumKeySetBytes),
            let elements = value.objectValue?["keys"]?.arrayValue, elements.count <= Bounds.maximumKeysInSet
        else { return nil }
        var keys: [JSONWebKey] = []
        var refusedKeys: [JSONWebKeyRefusal] = []
        for element in elements {
            switch JSONWebKey.parse(element) {
            case .success(let key): keys.append(key)
            case .failure(let refusal): refusedKeys.append(refusal)
            }
        }
        return JSONWebKeySet(keys: keys, refusedKeys: refusedKeys)
    }
}
