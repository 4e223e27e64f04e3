import Crypto
import Foundation
import Testing

@testable import OIDC

@Suite struct JSONWebKeyTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var key: @Sendable () throws -> JSONValue
        var refusal: JSONWebKeyRefusal?
        var testDescription: String { name }

        init(_ name: String, _ refusal: JSONWebKeyRefusal?, _ key: @escaping @Sendable () throws -> JSONValue) {
            self.name = name
            self.key = key
            self.refusal = refusal
        }

        init(_ name: String, _ refusal: JSONWebKeyRefusal?, _ base: TestKey, _ changes: [String: JSONValue]) {
            self.init(name, refusal) { try base.jwk(keyID: "k", changes) }
        }
    }

    private static func integer(bits: Int, last: UInt8 = 1) -> JSONValue {
        var bytes = [UInt8](repeating: 0, count: (bits + 7) / 8)
        bytes[0] = 1 << UInt8((bits - 1) % 8)
        bytes[bytes.count - 1] |= last
        return .string(Base64URL.encode(bytes))
    }

    @Test(
        "A key is read if it can verify signatures, and otherwise says why not",
        arguments: [
            Case("RSA", nil, .sharedRSA, [:]), Case("P-256", nil, .sharedP256, [:]),
            Case("P-384", nil, .sharedP384, [:]), Case("P-521", nil, .sharedP521, [:]),
            Case("Ed25519", nil, .sharedEd25519, [:]),
            Case("with certificate members, which count for nothing", nil, .sharedRSA, ["x5c": ["?"], "x5u": 1, "x5t": ""]),
            Case("for signatures", nil, .sharedRSA, ["use": "sig", "key_ops": ["verify"], "alg": "PS384"]),
            Case("not an object", .malformed) { "RSA" },
            Case("without kty", .malformed, .sharedRSA, ["kty": .null]),
            Case("kid that is a number", .malformed, .sharedRSA, ["kid": 1]),
            Case("kid of a megabyte", .malformed, .sharedRSA, ["kid": .string(String(repeating: "k", count: 1 << 20))]),
            Case("kty in lower case", .unsupportedType, .sharedRSA, ["kty": "rsa"]),
            Case("symmetric", .unsupportedType) { ["kty": "oct", "alg": "RS256"] },
            Case("X25519", .unsupportedType, .sharedEd25519, ["crv": "X25519"]),
            Case("Ed448", .unsupportedType, .sharedEd25519, ["crv": "Ed448"]),
            Case("secp256k1", .unsupportedType, .sharedP256, ["crv": "secp256k1"]),
            Case("for encryption", .notForSignatures, .sharedRSA, ["use": "enc"]),
            Case("use that is no string", .malformed, .sharedRSA, ["use": ["sig"]]),
            Case("operations without verify", .notForSignatures, .sharedRSA, ["key_ops": ["encrypt"]]),
            Case("no operations", .notForSignatures, .sharedRSA, ["key_ops": []]),
            Case("repeated operations", .malformed, .sharedRSA, ["key_ops": ["verify", "verify"]]),
            Case("operations that are a string", .malformed, .sharedRSA, ["key_ops": "verify"]),
            Case("algorithm for encryption", .unsupportedAlgorithm, .sharedRSA, ["alg": "RSA-OAEP-256"]),
            Case("HMAC with an RSA key", .unsupportedAlgorithm, .sharedRSA, ["alg": "HS256"]),
            Case("algorithm that is no string", .malformed, .sharedRSA, ["alg": 1]),
            Case("RSA key for ES256", .contradiction, .sharedRSA, ["alg": "ES256"]),
            Case("P-256 for ES384", .contradiction, .sharedP256, ["alg": "ES384"]),
            Case("P-384 for RS256", .contradiction, .sharedP384, ["alg": "RS256"]),
            Case("private RSA key", .privateKey, .sharedRSA, ["d": "AQAB"]),
            Case("private EC key", .privateKey, .sharedP256, ["d": "AQAB"]),
            Case("RSA without exponent", .malformed, .sharedRSA, ["e": .null]),
            Case("padded modulus", .malformed, .sharedRSA, ["n": "AQAB="]),
            Case("empty modulus", .malformed, .sharedRSA, ["n": ""]),
            Case("empty exponent", .unacceptableSize, .sharedRSA, ["e": ""]),
            Case("modulus with a leading zero", .malformed, .sharedRSA, ["n": .string("AA" + String(repeating: "_", count: 342))]),
            Case("RSA of 2047 bits", .unacceptableSize, .sharedRSA, ["n": integer(bits: 2047)]),
            Case("RSA of 2048 bits", nil, .sharedRSA, ["n": integer(bits: 2048)]),
            Case("RSA of 8192 bits", nil, .sharedRSA, ["n": integer(bits: 8192)]),
            Case("RSA of 8193 bits", .unacceptableSize, .sharedRSA, ["n": integer(bits: 8193)]),
            Case("even modulus", .invalidKey, .sharedRSA, ["n": integer(bits: 2048, last: 0)]),
            Case("exponent 1", .unacceptableSize, .sharedRSA, ["e": "AQ"]),
            Case("exponent 3", .unacceptableSize, .sharedRSA, ["e": "Aw"]),
            Case("even exponent", .invalidKey, .sharedRSA, ["e": integer(bits: 18, last: 0)]),
            Case("exponent of 33 bits", .unacceptableSize, .sharedRSA, ["e": integer(bits: 33)]),
            Case("exponent of 64 bits", .unacceptableSize, .sharedRSA, ["e": integer(bits: 64)]),
            Case("exponent of 65 bits", .unacceptableSize, .sharedRSA, ["e": integer(bits: 65)]),
            Case("point not on the curve", .invalidKey, .sharedP256, ["x": integer(bits: 250), "y": integer(bits: 250)]),
            Case("point at infinity", .invalidKey) {
                let zero = JSONValue.string(Base64URL.encode([UInt8](repeating: 0, count: 32)))
                return ["kty": "EC", "crv": "P-256", "x": zero, "y": zero]
            },
            Case("coordinate too short", .invalidKey, .sharedP256, ["x": integer(bits: 248)]),
            Case("coordinate too long", .invalidKey, .sharedP256, ["x": integer(bits: 257)]),
            Case("point cut one byte too early", .invalidKey) {
                guard case .p256(let key) = TestKey.sharedP256 else { return .null }
                let point = key.publicKey.rawRepresentation
                let x = JSONValue.string(Base64URL.encode(point.prefix(31)))
                return ["kty": "EC", "crv": "P-256", "x": x, "y": .string(Base64URL.encode(point.suffix(33)))]
            },
            Case("P-256 point as P-384", .invalidKey, .sharedP256, ["crv": "P-384"]),
            Case("EC without y", .malformed, .sharedP256, ["y": .null]),
            Case("Ed25519 of 31 bytes", .invalidKey, .sharedEd25519, ["x": integer(bits: 248)]),
        ])
    func aKeyIsReadOrSaysWhyNot(key: Case) throws {
        switch JSONWebKey.parse(try key.key()) {
        case .success: #expect(key.refusal == nil)
        case .failure(let refusal): #expect(refusal == key.refusal)
        }
    }

    @Test func `One odd key never spoils the others`() throws {
        let good = try TestKey.sharedP256.jwk(keyID: "good")
        let odd: [JSONValue] = [
            .null, 1, ["kty": "oct", "k": "AAAA"], try TestKey.sharedRSA.jwk(keyID: "enc", ["alg": "RSA-OAEP-256"]),
            try TestKey.sharedEd25519.jwk(keyID: "x", ["crv": "X25519"]),
        ]
        let set = try #require(JSONWebKeySet.parse(Array(JSONValue.object(["keys": .array(odd + [good])]).text.utf8)))
        #expect(set.keys.map(\.keyID) == ["good"])
        #expect(
            set.refusedKeys == [.malformed, .malformed, .unsupportedType, .unsupportedAlgorithm, .unsupportedType])
    }

    @Test func `A set is bounded in keys and bytes, and is an object with a list`() throws {
        func set(_ count: Int) -> [UInt8] {
            Array(("{\"keys\":[" + repeatElement("{}", count: count).joined(separator: ",") + "]}").utf8)
        }
        #expect(JSONWebKeySet.parse(set(Bounds.maximumKeysInSet))?.refusedKeys.count == Bounds.maximumKeysInSet)
        #expect(JSONWebKeySet.parse(set(Bounds.maximumKeysInSet + 1)) == nil)
        #expect(JSONWebKeySet.parse(set(1) + [UInt8](repeating: 0x20, count: Bounds.maximumKeySetBytes)) == nil)
        for text in ["", "[]", "{}", "{\"keys\":{}}", "{\"keys\":[],\"keys\":[]}", "{\"keys\":[]} x"] {
            #expect(JSONWebKeySet.parse(Array(text.utf8)) == nil)
        }
    }
}
