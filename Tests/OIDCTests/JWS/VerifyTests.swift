import Crypto
import Foundation
import Testing

@testable import OIDC

/// Groups F1 to F7 of the failures known from this kind of software, through
/// `ProviderDirectory.verify`.
@Suite struct VerifyTests {
    static let issuer = "https://op.example"
    static let payload = #"{"sub":"subject-1"}"#

    private func verify(
        _ token: String, keys: [JSONValue], algorithms: [SignatureAlgorithm] = SignatureAlgorithm.allCases
    ) async -> Result<VerifiedJWS, ProviderDirectory.TokenRefusal> {
        let clock = TestClock()
        let directory = ProviderDirectory(fetcher: TestProvider(keys: keys), clock: { clock.now })
        return await directory.verify(token, issuer: Self.issuer, algorithms: algorithms)
    }

    private func refusal(
        _ token: String, keys: [JSONValue], algorithms: [SignatureAlgorithm] = SignatureAlgorithm.allCases
    ) async -> JWSRefusal? {
        guard case .failure(.signature(let refusal)) = await verify(token, keys: keys, algorithms: algorithms) else {
            return nil
        }
        return refusal
    }

    @Test("Every algorithm verifies with its key, with and without kid", arguments: SignatureAlgorithm.allCases)
    func everyAlgorithmVerifies(algorithm: SignatureAlgorithm) async throws {
        let key = TestKey.fitting(algorithm)
        for keyID in ["k", nil] {
            let token = try key.token(payload: Self.payload, algorithm, keyID: keyID)
            let verified = await verify(token, keys: [try key.jwk(keyID: keyID)])
            #expect(verified.value?.payload == Array(Self.payload.utf8))
            #expect(verified.value?.algorithm == algorithm)
        }
    }

    @Test("No algorithm verifies that the connection does not list", arguments: SignatureAlgorithm.allCases)
    func onlyListedAlgorithms(algorithm: SignatureAlgorithm) async throws {
        let key = TestKey.fitting(algorithm)
        let token = try key.token(payload: Self.payload, algorithm, keyID: "k")
        let others = SignatureAlgorithm.allCases.filter { $0 != algorithm }
        #expect(await refusal(token, keys: [try key.jwk(keyID: "k")], algorithms: others) == .algorithmNotAllowed)
        #expect(await refusal(token, keys: [try key.jwk(keyID: "k")], algorithms: []) == .algorithmNotAllowed)
    }

    @Test("Every changed byte of a signature, header or payload is noticed", arguments: SignatureAlgorithm.allCases)
    func changesAreNoticed(algorithm: SignatureAlgorithm) async throws {
        let key = TestKey.fitting(algorithm)
        let token = try key.token(payload: Self.payload, algorithm, keyID: "k")
        let parts = token.split(separator: ".").map(String.init)
        let signature = try #require(Base64URL.decode(parts[2].utf8))
        let keys = [try key.jwk(keyID: "k")]
        for index in [0, 1, signature.count / 2, signature.count - 1] {
            var changed = signature
            changed[index] ^= 1
            #expect(await refusal("\(parts[0]).\(parts[1]).\(Base64URL.encode(changed))", keys: keys) == .badSignature)
        }
        for other in [Array(signature.dropLast()), signature + [0], [0] + signature, []] {
            #expect(await refusal("\(parts[0]).\(parts[1]).\(Base64URL.encode(other))", keys: keys) == .badSignature)
        }
        let otherPayload = Base64URL.encode(Array(#"{"sub":"subject-2"}"#.utf8))
        #expect(await refusal("\(parts[0]).\(otherPayload).\(parts[2])", keys: keys) == .badSignature)
        let header = #"{"alg":"\#(algorithm.rawValue)","kid":"k" }"#
        #expect(await refusal("\(Base64URL.encode(Array(header.utf8))).\(parts[1]).\(parts[2])", keys: keys) == .badSignature)
    }

    @Test(
        "F1: no signature at all, in every spelling",
        arguments: [
            #"{"alg":"none"}"#, #"{"alg":"None"}"#, #"{"alg":"nOnE"}"#, #"{"alg":"NONE","kid":"k"}"#, #"{"alg":""}"#,
            #"{"alg":"rs256","kid":"k"}"#, #"{"alg":"RS256 ","kid":"k"}"#, #"{"alg":"RS1"}"#,
        ])
    func noSignature(header: String) async throws {
        let keys = [try TestKey.sharedRSA.jwk(keyID: "k")]
        let unsigned = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(Self.payload.utf8)) + "."
        #expect(await refusal(unsigned, keys: keys) == .algorithmNotAllowed)
        let signed = try TestKey.sharedRSA.token(header: header, payload: Self.payload, .rs256)
        #expect(await refusal(signed, keys: keys) == .algorithmNotAllowed)
    }

    @Test(
        "A header without a string alg, or that is no strict JSON object, is refused",
        arguments: [
            "{}", #"{"alg":null}"#, #"{"alg":["RS256"]}"#, #"{"alg":1}"#, #"{"alg":"RS256","alg":"RS256"}"#,
            #"{"alg":"RS256","kid":"k"}x"#, #"["RS256"]"#, "", "x", #"{"alg":"RS256","typ":1}"#,
            // F4: kid that is no string.
            #"{"alg":"RS256","kid":1}"#, #"{"alg":"RS256","kid":null}"#, #"{"alg":"RS256","kid":["k"]}"#,
            #"{"alg":"RS256","kid":{"k":"k"}}"#,
        ])
    func malformedHeaders(header: String) async throws {
        let token = try TestKey.sharedRSA.token(header: header, payload: Self.payload, .rs256)
        #expect(await refusal(token, keys: [try TestKey.sharedRSA.jwk(keyID: "k")]) == .malformedHeader)
    }

    @Test(
        "F2: an HMAC with the public key as its secret, in every form that the key is known in",
        arguments: ["HS256", "HS384", "HS512"])
    func publicKeyAsSecret(name: String) async throws {
        guard case .rsa(let key) = TestKey.sharedRSA else { return }
        let jwk = try TestKey.sharedRSA.jwk(keyID: "k")
        let modulus = try key.publicKey.getKeyPrimitives().modulus
        let secrets = [
            Data(key.publicKey.pemRepresentation.utf8), key.publicKey.derRepresentation,
            Data(key.publicKey.pkcs1PEMRepresentation.utf8), key.publicKey.pkcs1DERRepresentation, modulus,
            Data(jwk.text.utf8),
        ]
        for secret in secrets {
            let secret = SymmetricKey(data: secret)
            let input =
                Base64URL.encode(Array(#"{"alg":"\#(name)","kid":"k"}"#.utf8)) + "."
                + Base64URL.encode(Array(Self.payload.utf8))
            let code: Data =
                switch name {
                case "HS256": Data(HMAC<SHA256>.authenticationCode(for: Data(input.utf8), using: secret))
                case "HS384": Data(HMAC<SHA384>.authenticationCode(for: Data(input.utf8), using: secret))
                default: Data(HMAC<SHA512>.authenticationCode(for: Data(input.utf8), using: secret))
                }
            #expect(await refusal(input + "." + Base64URL.encode(code), keys: [jwk]) == .algorithmNotAllowed)
        }
    }

    @Test("F2: a key is used only for the algorithms that it is for")
    func keyMustFit() async throws {
        let rsa = TestKey.sharedRSA
        let token = try rsa.token(payload: Self.payload, .ps256, keyID: "k")
        #expect(await verify(token, keys: [try rsa.jwk(keyID: "k", ["alg": "PS256"])]).value != nil)
        #expect(await refusal(token, keys: [try rsa.jwk(keyID: "k", ["alg": "RS256"])]) == .keyDoesNotFit)
        #expect(await refusal(token, keys: [try TestKey.sharedP256.jwk(keyID: "k")]) == .keyDoesNotFit)
        #expect(await refusal(token, keys: [try rsa.jwk(keyID: "k", ["use": "enc"])]) == .unknownKey)
        #expect(await refusal(token, keys: [try rsa.jwk(keyID: "k", ["key_ops": ["sign"]])]) == .unknownKey)
        // PKCS #1 instead of PSS with one and the same key, and the other way round.
        for (named, used) in [(SignatureAlgorithm.ps256, SignatureAlgorithm.rs256), (.rs256, .ps256)] {
            let header = JSONValue.object(["alg": .string(named.rawValue), "kid": "k"]).text
            let token = try rsa.token(header: header, payload: Self.payload, used)
            #expect(await refusal(token, keys: [try rsa.jwk(keyID: "k")]) == .badSignature)
        }
        // Each ECDSA algorithm is for its one curve.
        for (key, wrong) in [(TestKey.sharedP256, SignatureAlgorithm.es384), (.sharedP384, .es512), (.sharedP521, .es256)] {
            let token = try key.token(payload: Self.payload, wrong, keyID: "k")
            #expect(await refusal(token, keys: [try key.jwk(keyID: "k")]) == .keyDoesNotFit)
        }
    }

    @Test("F3: a key or address in the header is not looked at", arguments: ["jwk", "jku", "x5u", "x5c"])
    func keysInTheHeader(name: String) async throws {
        let value: JSONValue =
            switch name {
            case "jwk": try TestKey.otherRSA.jwk(keyID: "k")
            case "x5c": ["MIIB"]
            default: "https://attacker.example/jwks"
            }
        let keys = [try TestKey.sharedRSA.jwk(keyID: "k")]
        let clock = TestClock()
        let provider = TestProvider(keys: keys)
        let directory = ProviderDirectory(fetcher: provider, clock: { clock.now })
        let forged = try TestKey.otherRSA.token(payload: Self.payload, .rs256, keyID: "k", header: [name: value])
        #expect(
            await directory.verify(forged, issuer: Self.issuer, algorithms: [.rs256]).refusal
                == .signature(.badSignature))
        let good = try TestKey.sharedRSA.token(payload: Self.payload, .rs256, keyID: "k", header: [name: value])
        #expect(await directory.verify(good, issuer: Self.issuer, algorithms: [.rs256]).value != nil)
        #expect(provider.requests.allSatisfy { [provider.metadataURL, provider.keySetURL].contains($0.url) })
    }

    @Test(
        "F4: a kid is looked up among the keys and nowhere else",
        arguments: [
            "../../dev/null", "' OR 1=1 --", "k\u{0}", "K", "k ", "", "/etc/passwd", "https://attacker.example/k",
            "k\u{301}",
        ])
    func keyIDs(keyID: String) async throws {
        let keys = [try TestKey.sharedRSA.jwk(keyID: "k"), try TestKey.sharedP256.jwk(keyID: nil)]
        let token = try TestKey.sharedRSA.token(payload: Self.payload, .rs256, keyID: keyID)
        #expect(await refusal(token, keys: keys) == .unknownKey)
        // Such a name is no obstacle where the provider uses it.
        #expect(await verify(token, keys: keys + [try TestKey.sharedRSA.jwk(keyID: keyID)]).value != nil)
    }

    @Test func `A kid differs from its decomposed spelling`() async throws {
        let token = try TestKey.sharedRSA.token(payload: Self.payload, .rs256, keyID: "\u{E9}")
        #expect(await refusal(token, keys: [try TestKey.sharedRSA.jwk(keyID: "e\u{301}")]) == .unknownKey)
    }

    @Test func `A key is picked only if it is the one that fits`() async throws {
        let first = TestKey.sharedRSA, second = TestKey.otherRSA
        let named = try first.token(payload: Self.payload, .rs256, keyID: "k")
        let unnamed = try first.token(payload: Self.payload, .rs256, keyID: nil)
        // An unknown kid is not the only key.
        #expect(await refusal(named, keys: [try first.jwk(keyID: "other")]) == .unknownKey)
        #expect(await refusal(named, keys: [try first.jwk(keyID: nil)]) == .unknownKey)
        #expect(await refusal(named, keys: []) == .unknownKey)
        // Two keys with one kid: the one of the right type, or none.
        #expect(await verify(named, keys: [try TestKey.sharedP256.jwk(keyID: "k"), try first.jwk(keyID: "k")]).value != nil)
        #expect(await refusal(named, keys: [try first.jwk(keyID: "k"), try second.jwk(keyID: "k")]) == .ambiguousKey)
        // Without kid: the only one that fits, whatever its own kid.
        #expect(await verify(unnamed, keys: [try TestKey.sharedP256.jwk(keyID: "e"), try first.jwk(keyID: "k")]).value != nil)
        #expect(await refusal(unnamed, keys: [try first.jwk(keyID: "a"), try second.jwk(keyID: "b")]) == .ambiguousKey)
        #expect(
            await verify(
                unnamed, keys: [try first.jwk(keyID: "a", ["alg": "RS256"]), try second.jwk(keyID: "b", ["alg": "RS512"])]
            ).value != nil)
        #expect(await refusal(unnamed, keys: [try TestKey.sharedP256.jwk(keyID: "k")]) == .unknownKey)
    }

    @Test("F6: ECDSA signatures that no private key made", arguments: [SignatureAlgorithm.es256, .es384, .es512])
    func psychicSignatures(algorithm: SignatureAlgorithm) async throws {
        let key = TestKey.fitting(algorithm)
        let keys = [try key.jwk(keyID: "k")]
        let token = try key.token(payload: Self.payload, algorithm, keyID: "k")
        #expect(await verify(token, keys: keys).value != nil)
        let parts = token.split(separator: ".")
        let signature = try #require(Base64URL.decode(parts[2].utf8))
        let half = signature.count / 2
        let r = Array(signature[..<half]), s = Array(signature[half...])
        let zero = [UInt8](repeating: 0, count: half), one = [UInt8](repeating: 0, count: half - 1) + [1]
        let huge = [UInt8](repeating: 0xFF, count: half)
        let order = try #require(Self.orders[algorithm])
        let der: Data =
            switch algorithm {
            case .es256: try P256.Signing.ECDSASignature(rawRepresentation: signature).derRepresentation
            case .es384: try P384.Signing.ECDSASignature(rawRepresentation: signature).derRepresentation
            default: try P521.Signing.ECDSASignature(rawRepresentation: signature).derRepresentation
            }
        let forgeries = [
            zero + zero, zero + one, one + zero, zero + s, r + zero, one + one, huge + huge, r + huge, huge + s,
            order + s, r + order, order + order, Array(der), s + r, r, [0] + r + [0] + s,
            Array(r.dropFirst()) + Array(s.dropFirst()),
        ]
        for forgery in forgeries {
            #expect(await refusal("\(parts[0]).\(parts[1]).\(Base64URL.encode(forgery))", keys: keys) == .badSignature)
        }
    }

    /// Orders of the groups, NIST SP 800-186.
    static let orders: [SignatureAlgorithm: [UInt8]] = [
        .es256: hexadecimal("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"),
        .es384: hexadecimal(
            "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"),
        .es512: hexadecimal(
            "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa"
                + "51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409"),
    ]

    private static func hexadecimal(_ text: String) -> [UInt8] {
        let digits = text.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    @Test(
        "F7: header parameters that change what is signed",
        arguments: [
            #"{"crit": ["exp"]}"#, #"{"crit": []}"#, #"{"crit": ["b64"], "b64": false}"#, #"{"b64": true}"#,
            #"{"b64": false}"#, #"{"zip": "DEF"}"#, #"{"enc": "A128GCM"}"#, #"{"crit": null}"#,
        ])
    func extensions(parameters: String) async throws {
        let parameters = JSONValue.members(parameters)
        let token = try TestKey.sharedRSA.token(payload: Self.payload, .rs256, keyID: "k", header: parameters)
        #expect(await refusal(token, keys: [try TestKey.sharedRSA.jwk(keyID: "k")]) == .extensionNotUnderstood)
    }

    @Test func `F7: what is not three parts is refused, a JWE among it`() async throws {
        let keys = [try TestKey.sharedRSA.jwk(keyID: "k")]
        let token = try TestKey.sharedRSA.token(payload: Self.payload, .rs256, keyID: "k")
        #expect(await verify(token, keys: keys).value != nil)
        for other in [
            "", ".", "..", "...", "a", token + ".", "." + token, token + ".e.f", String(token.split(separator: ".")[0]),
            token + "=", token + " ", " " + token, token.replacing(".", with: ". "), token + "\n", token.replacing(".", with: ".."),
            #"{"payload":"e30","protected":"e30","signature":"AA"}"#,
        ] {
            let refusal = await refusal(other, keys: keys)
            #expect(refusal == .malformed || refusal == .malformedHeader, Comment(rawValue: other))
        }
    }

    @Test func `F7: a token is measured before it is read, and no key is asked for`() async throws {
        let clock = TestClock()
        let provider = TestProvider(keys: [try TestKey.sharedRSA.jwk(keyID: "k")])
        let directory = ProviderDirectory(fetcher: provider, clock: { clock.now })
        func token(payloadBytes: Int) throws -> String {
            try TestKey.sharedRSA.token(payload: String(repeating: "x", count: payloadBytes), .rs256, keyID: "k")
        }
        let largest = (Bounds.maximumTokenBytes - (try token(payloadBytes: 0)).utf8.count) / 4 * 3
        let tooLarge = try token(payloadBytes: largest + 3)
        #expect(await directory.verify(tooLarge, issuer: Self.issuer, algorithms: [.rs256]).refusal == .signature(.tooLarge))
        #expect(provider.requests.isEmpty)
        #expect(
            await directory.verify(try token(payloadBytes: 1), issuer: Self.issuer, algorithms: [.es256]).refusal
                == .signature(.algorithmNotAllowed))
        #expect(provider.requests.isEmpty)
        #expect(await directory.verify(try token(payloadBytes: largest), issuer: Self.issuer, algorithms: [.rs256]).value != nil)
    }
}
