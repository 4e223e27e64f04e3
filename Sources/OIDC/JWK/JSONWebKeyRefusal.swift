/// Why one key of a set is not used. The others of the set are.
public enum JSONWebKeyRefusal: String, Error, Sendable, Equatable, CaseIterable {
    /// Not an object, or a member of the wrong type.
    case malformed
    /// `kty` or `crv` that no listed algorithm uses: `oct`, X25519, secp256k1.
    case unsupportedType = "unsupported_type"
    /// `use` or `key_ops` say that it is not for verifying signatures.
    case notForSignatures = "not_for_signatures"
    /// `alg` is none that we know, such as `RSA-OAEP-256`.
    case unsupportedAlgorithm = "unsupported_algorithm"
    /// `alg` contradicts `kty` or `crv`.
    case contradiction
    /// Private members are published: anybody can sign with it.
    case privateKey = "private_key"
    /// RSA below 2048 or above 8192 bits, or an exponent outside FIPS 186-5.
    case unacceptableSize = "unacceptable_size"
    /// RSA modulus of the generator with the ROCA flaw (CVE-2017-15361), which can be factored.
    case weakModulus = "weak_modulus"
    /// A point that is not on the curve, a modulus that is none.
    case invalidKey = "invalid_key"
}
