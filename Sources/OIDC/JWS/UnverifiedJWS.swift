/// A token in JWS compact serialization (RFC 7515 §7.1) that has been taken apart and not verified.
/// Nothing acts on its payload; `verified(by:algorithms:)` hands it on.
struct UnverifiedJWS: Sendable {
    /// `alg` as the token has it.
    let algorithmName: String
    let keyID: String?
    /// `typ` as the token has it.
    let type: String?
    /// What the signature covers: the first two parts and their dot, as received.
    let signingInput: [UInt8]
    let payload: [UInt8]
    let signature: [UInt8]

    static func parse(_ token: String) -> Result<UnverifiedJWS, JWSRefusal> {
        guard token.utf8.count <= Bounds.maximumTokenBytes else { return .failure(.tooLarge) }
        let bytes = Array(token.utf8)
        // Empty parts count, so that `a.b.c.` and the five parts of a JWE are not three.
        let parts = bytes.split(separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 3,
            let headerBytes = Base64URL.decode(parts[0]),
            let payload = Base64URL.decode(parts[1]),
            let signature = Base64URL.decode(parts[2])
        else { return .failure(.malformed) }
        return parseHeader(headerBytes).map { header in
            UnverifiedJWS(
                algorithmName: header.algorithm, keyID: header.keyID, type: header.type,
                signingInput: Array(bytes[..<parts[1].endIndex]), payload: payload, signature: signature)
        }
    }

    private typealias Header = (algorithm: String, keyID: String?, type: String?)

    /// Header parameters that would make these bytes mean something else: `crit` (RFC 7515
    /// §4.1.11: "if any of the listed extension Header Parameters are not understood", and we
    /// understand none), `b64` (RFC 7797: an unencoded payload), `enc` and `zip` (RFC 7516).
    private static let refusedParameters = ["crit", "b64", "enc", "zip"]

    /// `jwk`, `jku`, `x5u`, `x5c` are not looked at: a key that the token brings along proves
    /// nothing (CVE-2018-0114).
    private static func parseHeader(_ bytes: [UInt8]) -> Result<Header, JWSRefusal> {
        guard case .success(.object(let members)) = JSONValue.parse(bytes, maximumBytes: Bounds.maximumTokenBytes),
            let algorithm = members["alg"]?.stringValue
        else { return .failure(.malformedHeader) }
        guard !refusedParameters.contains(where: { members[$0] != nil }) else {
            return .failure(.extensionNotUnderstood)
        }
        let keyID = members["kid"]?.stringValue
        let type = members["typ"]?.stringValue
        guard (keyID == nil) == (members["kid"] == nil), (type == nil) == (members["typ"] == nil),
            (keyID?.utf8.count ?? 0) <= Bounds.maximumKeyIDBytes
        else { return .failure(.malformedHeader) }
        return .success((algorithm, keyID, type))
    }
}
