import Crypto
import FoundationEssentials

/// The claims of an ID token while they are checked. Each check throws the refusal that becomes the
/// result of `ValidatedIDToken.validate`.
struct IDTokenClaims {
    let members: [String: JSONValue]

    /// A claim that must be a string if it is there. Numbers and arrays are never read as one:
    /// an `iss` that is an array has passed for its first element elsewhere (CVE-2025-30144).
    func string(_ name: String, maximumBytes: Int = .max) throws(IDTokenRefusal) -> String? {
        guard let value = members[name] else { return nil }
        guard let text = value.stringValue, text.utf8.count <= maximumBytes else { throw .malformed }
        return text
    }

    func requiredString(_ name: String) throws(IDTokenRefusal) -> String {
        guard let text = try string(name) else { throw .malformed }
        return text
    }

    /// A NumericDate (RFC 7519 §2): seconds since 1970, not necessarily whole ones. It stays a
    /// double, which compares without overflow for every number that JSON can hold.
    func date(_ name: String) throws(IDTokenRefusal) -> Double? {
        guard let value = members[name] else { return nil }
        guard let date = value.numberValue, date >= 0 else { throw .malformed }
        return date
    }

    /// A claim that says who somebody is: not empty, at most 255 bytes, no control characters.
    func subject(_ name: String) throws(IDTokenRefusal) -> String {
        guard let subject = members[name]?.stringValue, isAcceptableSubject(subject) else { throw .subjectNotAccepted }
        return subject
    }

    /// OpenID Connect Core §3.1.3.7, 3 to 5: we are an audience, and where there are others the
    /// token says in `azp` that it was issued to us.
    func checkAudience(_ clientID: String) throws(IDTokenRefusal) {
        let audiences: [String]
        switch members["aud"] {
        case .string(let audience)?: audiences = [audience]
        case .array(let values)?:
            guard let strings = JSONValue.array(values).stringArray, strings.count <= Bounds.maximumAudiences else {
                throw .malformed
            }
            audiences = strings
        default: throw .malformed
        }
        guard audiences.contains(where: { haveSameBytes($0, clientID) }) else { throw .wrongAudience }
        let authorizedParty = try string("azp")
        guard authorizedParty != nil || audiences.count == 1 else { throw .wrongAuthorizedParty }
        if let authorizedParty, !haveSameBytes(authorizedParty, clientID) { throw .wrongAuthorizedParty }
    }

    /// §3.1.3.7, 9 and 10; RFC 7519 §4.1.5.
    func checkTimes(now: Double) throws(IDTokenRefusal) {
        guard let expiry = try date("exp"), let issued = try date("iat") else { throw .malformed }
        guard now < expiry + Bounds.clockSkew else { throw .expired }
        guard issued <= now + Bounds.clockSkew else { throw .notYetValid }
        guard now - issued <= Bounds.maximumIDTokenAge + Bounds.clockSkew else { throw .tooOld }
        if let notBefore = try date("nbf"), notBefore > now + Bounds.clockSkew { throw .notYetValid }
    }

    /// §3.1.3.6, §3.3.2.11: the left half of the hash, by the hash of the signature algorithm, of
    /// the ASCII text. It ties the access token and the code to this ID token.
    func checkHash(
        _ name: String, of text: String, _ algorithm: SignatureAlgorithm, else refusal: IDTokenRefusal
    ) throws(IDTokenRefusal) {
        guard let claimed = try string(name) else { return }
        let digest: [UInt8] =
            switch algorithm {
            case .rs256, .ps256, .es256: Array(SHA256.hash(data: Array(text.utf8)))
            case .rs384, .ps384, .es384: Array(SHA384.hash(data: Array(text.utf8)))
            // Ed25519 hashes with SHA-512 (RFC 8032 §5.1).
            case .rs512, .ps512, .es512, .edDSA: Array(SHA512.hash(data: Array(text.utf8)))
            }
        guard haveSameBytes(claimed, Base64URL.encode(digest.prefix(digest.count / 2))) else { throw refusal }
    }

    /// §3.1.3.7, 13. `prompt=login` in the request is only a wish: it passes through the browser,
    /// and who sits there can take it out. `auth_time` is signed.
    func authTime(notBefore: Double?, now: Double) throws(IDTokenRefusal) -> Int64? {
        let authTime = try date("auth_time")
        if let authTime, authTime > now + Bounds.clockSkew { throw .notYetValid }
        if let notBefore {
            guard let authTime, authTime >= notBefore - Bounds.clockSkew else { throw .loginNotRenewed }
        }
        // Between 0 and now by the checks above, so it converts; `exactly:` can't trap in any case.
        return authTime.flatMap { Int64(exactly: $0.rounded(.down)) }
    }
}

/// Whether a text can stand for a person: not empty, at most `Bounds.maximumSubjectBytes`, and
/// without control characters.
func isAcceptableSubject(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= Bounds.maximumSubjectBytes
        && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
}
