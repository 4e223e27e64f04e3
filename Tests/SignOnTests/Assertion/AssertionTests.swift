import Crypto
import Foundation
import Storage
import Tenancy
import Testing

@testable import SignOn

struct AssertionTests {
    struct Token {
        var header: [String: Any]
        var claims: [String: Any]
        var keyID: String { header["kid"] as? String ?? "" }

        init(_ text: String, keys: [UInt8]) throws {
            let parts = text.split(separator: ".").map(String.init)
            func object(_ bytes: [UInt8]?) throws -> [String: Any] {
                let bytes = try #require(bytes)
                return try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
            }
            let set = try #require(try object(keys) as? [String: [[String: String]]])
            header = try object(Base64URL.decode(parts[0]))
            claims = try object(Base64URL.decode(parts[1]))
            let kid = header["kid"] as? String
            let key = try #require(set["keys"]?.first { $0["kid"] == kid }, "the key is not published")
            let x = try #require(Base64URL.decode(key["x"] ?? ""))
            let y = try #require(Base64URL.decode(key["y"] ?? ""))
            let publicKey = try P256.Signing.PublicKey(rawRepresentation: x + y)
            let bytes = try #require(Base64URL.decode(parts[2]))
            let signature = try P256.Signing.ECDSASignature(rawRepresentation: bytes)
            #expect(publicKey.isValidSignature(signature, for: Data((parts[0] + "." + parts[1]).utf8)))
        }
    }

    @Test("The block says who is asking, in headers and in a signed assertion")
    func block() async throws {
        let bench = try await TestBench()
        try await bench.keys.maintain(now: bench.now)
        let token = try await bench.signIn()
        let answer = await bench.identity(
            token,
            templates: [
                IdentityHeaderTemplate(name: "Remote-User", parts: [.placeholder(.email)]),
                IdentityHeaderTemplate(name: "Remote-Groups", parts: [.placeholder(.groups)]),
            ])
        let headers = answer.headers
        #expect(headers["X-Gateway-Organization"] == "acme")
        #expect(headers["X-Gateway-Name"] == "%C3%84lice 100%25")
        #expect(headers["X-Gateway-Roles"] == "editor")
        #expect(headers["Remote-User"] == "alice@acme.example")
        #expect(headers["Remote-Groups"] == nil, "an empty value sends no header")
        let text = try #require(headers["X-Gateway-Assertion"])
        let assertion = try Token(text, keys: bench.keys.jwks())
        #expect(assertion.header["alg"] as? String == "ES256")
        #expect(assertion.header["typ"] as? String == "JWT")
        let claims = assertion.claims
        #expect(claims["iss"] as? String == "https://auth.example")
        #expect(claims["aud"] as? String == "https://wiki.acme.example")
        #expect(claims["sub"] as? String == "member-1")
        #expect(claims["name"] as? String == "Älice 100%")
        #expect(claims["roles"] as? [String] == ["editor"])
        #expect((claims["organization"] as? [String: String]) == ["id": "organization-1", "slug": "acme"])
        #expect((claims["connection"] as? [String: String])?["root_id"] == "oidc-connection-1")
        #expect(claims["department"] as? String == "R&D")
        #expect(claims["plain"] as? String == "x-acme")
        let issued = try #require(claims["iat"] as? Int64)
        #expect(claims["exp"] as? Int64 == issued + 300)
        #expect(claims["nbf"] as? Int64 == issued)
    }

    @Test("Nobody's proof is of another type and for another audience")
    func anonymous() async throws {
        let bench = try await TestBench()
        try await bench.keys.maintain(now: bench.now)
        guard case .found(let answer) = await bench.signOn.anonymous(organizationSlug: "acme", audience: "https://wiki.acme.example")
        else {
            Issue.record("there should be a proof")
            return
        }
        let headers = IdentityAnswer.Outcome.identity(answer).headers
        #expect(Array(headers.keys) == ["X-Gateway-Anonymous"])
        let text = try #require(headers["X-Gateway-Anonymous"])
        let proof = try Token(text, keys: bench.keys.jwks())
        #expect(proof.header["typ"] as? String == "anonymous+jwt")
        #expect(proof.claims["aud"] as? String == "https://wiki.acme.example#anonymous")
        #expect(proof.claims["sub"] == nil)
        guard case .absent = await bench.signOn.anonymous(organizationSlug: "nobody", audience: "https://x.example") else {
            Issue.record("an unknown organization has no proof")
            return
        }
    }

    @Test("Keys rotate with overlap: published a day before they sign, kept a day after their successor began")
    func rotation() async throws {
        let bench = try await TestBench(idleTimeout: .seconds(90 * 86400), lifetime: .seconds(90 * 86400))
        try await bench.keys.maintain(now: bench.now)
        let token = try await bench.signIn(expiresAfter: .seconds(90 * 86400))
        func current() async throws -> String {
            let text = try #require(await bench.identity(token).headers["X-Gateway-Assertion"])
            return try Token(text, keys: bench.keys.jwks()).keyID
        }
        func published() throws -> Int {
            let set = try JSONSerialization.jsonObject(with: Data(bench.keys.jwks())) as? [String: [[String: String]]]
            return set?["keys"]?.count ?? 0
        }
        let first = try await current()
        #expect(try published() == 1)
        bench.advance(by: AssertionKeyRing.signingPeriod - AssertionKeyRing.publicationLead - .seconds(1))
        try await bench.keys.maintain(now: bench.now)
        #expect(try published() == 1)
        bench.advance(by: .seconds(1))
        try await bench.keys.maintain(now: bench.now)
        #expect(try published() == 2, "the next key is published before it signs")
        #expect(try await current() == first)
        bench.advance(by: AssertionKeyRing.publicationLead)
        try await bench.keys.maintain(now: bench.now)
        let second = try await current()
        #expect(second != first)
        #expect(try published() == 2, "the old key still verifies what it signed")
        bench.advance(by: AssertionKeyRing.retirementDelay)
        try await bench.keys.maintain(now: bench.now)
        #expect(try published() == 1)
        #expect(try await current() == second)
        // A second process over the same store signs with the same key.
        let other = AssertionKeyRing(store: bench.store, randomBytes: { [UInt8](repeating: 1, count: $0) })
        try await other.maintain(now: bench.now)
        #expect(other.jwks() == bench.keys.jwks())
    }
}
