/// Why a signed token was not taken.
public enum JWSRefusal: String, Error, Sendable, Equatable, CaseIterable {
    /// Longer than any real token; nothing was decoded.
    case tooLarge = "too_large"
    /// Not three parts of canonical base64url: a JWE, a JSON serialization, padding.
    case malformed
    /// The header is not a JSON object with `alg` and, if at all, `kid` and `typ` as strings.
    case malformedHeader = "malformed_header"
    /// `crit`, `b64`, `enc` or `zip`: extensions that change what the signature covers.
    case extensionNotUnderstood = "extension_not_understood"
    /// `alg` is not in the connection's list; `none` and the HMACs never are.
    case algorithmNotAllowed = "algorithm_not_allowed"
    /// No key of the set has the token's `kid`, or without `kid` none fits.
    case unknownKey = "unknown_key"
    /// The key with this `kid` is of another type, curve or algorithm.
    case keyDoesNotFit = "key_does_not_fit"
    /// More than one key fits; picking one would be guessing.
    case ambiguousKey = "ambiguous_key"
    /// The signature is not this key's over these bytes.
    case badSignature = "bad_signature"
}
