import Foundation
import Testing

@testable import OIDC

@Suite struct HaveSameBytesTests {
    @Test(
        "Only the same bytes are the same",
        arguments: [
            ("", "", true), ("abc", "abc", true), ("abc", "abd", false), ("abc", "Abc", false), ("abc", "abcd", false),
            ("abc", "", false), ("\u{E9}", "e\u{301}", false), ("a\u{0}", "a", false),
        ])
    func onlyTheSameBytes(left: String, right: String, expected: Bool) {
        #expect(haveSameBytes(left, right) == expected)
        #expect(haveSameBytes(right, left) == expected)
    }

    @Test func `Any single changed byte makes a difference`() {
        let bytes = Array("0123456789abcdef0123456789abcdef".utf8)
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 0x80
            #expect(!haveSameBytes(bytes, changed))
        }
    }

    /// The comparison of strings by `==` stops at the first difference and folds composed letters.
    @Test func `What proves or identifies somebody is compared by this function in every file that does`() throws {
        let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources/OIDC")
        let expected = [
            "IDToken/ValidatedIDToken.swift": 2, "IDToken/IDTokenClaims.swift": 3,
            "RelyingParty/RelyingParty+complete.swift": 4, "RelyingParty/Userinfo.swift": 2,
            "Provider/ProviderMetadata+parse.swift": 1, "JWS/UnverifiedJWS+verified.swift": 1,
        ]
        for (path, count) in expected {
            let text = try String(contentsOf: sources.appending(path: path), encoding: .utf8)
            #expect(text.components(separatedBy: "haveSameBytes(").count - 1 == count, Comment(rawValue: path))
        }
    }
}
