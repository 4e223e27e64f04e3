import Foundation
import Testing

@testable import OIDC

@Suite struct Base64URLTests {
    @Test(
        "The vectors of RFC 4648 §10, without padding",
        arguments: [
            ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"),
        ])
    func vectors(text: String, encoded: String) {
        #expect(Base64URL.encode(Array(text.utf8)) == encoded)
        #expect(Base64URL.decode(encoded.utf8) == Array(text.utf8))
    }

    @Test func `Every length and byte comes back, as the platform encodes it`() {
        for length in 0...257 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ length) }
            let encoded = Base64URL.encode(bytes)
            let reference = Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
                .replacing("=", with: "")
            #expect(encoded == reference)
            #expect(Base64URL.decode(encoded.utf8) == bytes)
        }
    }

    @Test(
        "Other spellings of the same bytes are refused",
        arguments: [
            "Zg==", "Zg=", "Zh", "Zm9=", "Zm9vYm", "Zm9", "Zm9v ", " Zm9v", "Zm\n9v", "Zm9v\u{0}", "+_8", "-/8", "Z", "A",
            "AAAAA",
            "Zm9vY", "Zm8é", "Zm.v",
        ])
    func otherSpellingsAreRefused(text: String) {
        #expect(Base64URL.decode(text.utf8) == nil)
    }
}
