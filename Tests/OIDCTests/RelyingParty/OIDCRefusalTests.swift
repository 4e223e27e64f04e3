import Foundation
import Testing

@testable import OIDC

@Suite struct OIDCRefusalTests {
    @Test func `Labels are few, distinct, and made of letters and underscores`() {
        let labels = OIDCRefusal.allLabels
        #expect(Set(labels).count == labels.count)
        #expect((50...200).contains(labels.count))
        for label in labels {
            #expect(label.allSatisfy { $0.isASCII && $0.isLowercase || $0 == "_" }, Comment(rawValue: label))
        }
    }

    @Test func `No description of what holds a secret shows it`() async throws {
        let secret = ClientSecret("canary-1")
        let settings = RelyingParty.Settings(
            issuer: "https://op.example", clientID: "c", clientSecret: secret, redirectURI: "https://rp.example")
        let pending = PendingAuthorization(
            state: "canary-2", nonce: "canary-3", codeVerifier: "canary-4", redirectURI: "https://rp.example",
            issuer: "https://op.example", begunAt: 0, forcesLogin: false)
        let request = OutgoingRequest(
            method: .post, url: "https://op.example", headers: [HeaderField(name: "Authorization", value: "canary-5")],
            body: Array("canary-6".utf8), maximumBodyBytes: 1)
        let response = IncomingResponse(status: 200, headers: [], body: Array("canary-7".utf8))
        for value in [secret, settings, pending, request, response] as [Any] {
            var dumped = ""
            dump(value, to: &dumped)
            for text in ["\(value)", String(reflecting: value), dumped] {
                #expect(!text.contains("canary"), Comment(rawValue: text))
                #expect(!text.contains("99, 97, 110, 97, 114, 121"))
            }
        }
    }

    @Test func `What is kept between request and callback survives being stored`() throws {
        let pending = PendingAuthorization(
            state: "a", nonce: "b", codeVerifier: "c", redirectURI: "d", issuer: "e", begunAt: 5, forcesLogin: true)
        let data = try JSONEncoder().encode(pending)
        #expect(try JSONDecoder().decode(PendingAuthorization.self, from: data) == pending)
    }
}
