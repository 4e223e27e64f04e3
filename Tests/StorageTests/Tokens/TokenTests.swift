import Storage
import Testing

struct TokenTests {
    @Test("A token is 43 characters of base64url and reads back as itself")
    func roundTrip() throws {
        var texts: Set<String> = []
        for _ in 0..<200 {
            let token = SecretToken.random()
            let text = token.revealed
            #expect(text.utf8.count == 43)
            let again = try #require(SecretToken(text))
            #expect(again.revealed == text)
            #expect(again.hash == token.hash)
            texts.insert(text)
        }
        #expect(texts.count == 200)
    }

    @Test("A known token has the SHA-256 of its bytes as hash")
    func knownHash() throws {
        let token = try #require(SecretToken(String(repeating: "A", count: 43)))
        // printf '\0%.0s' {1..32} | sha256sum
        let expected = "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925"
        let hex = token.hash.bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        #expect(hex == expected)
        #expect(TokenHash(bytes: token.hash.bytes) == token.hash)
    }

    @Test(
        "Anything but the one encoding is no token",
        arguments: [
            "", "A", String(repeating: "A", count: 42), String(repeating: "A", count: 44),
            String(repeating: "A", count: 42) + "=", String(repeating: "A", count: 42) + "B",
            String(repeating: "A", count: 42) + "+", String(repeating: "A", count: 42) + "/",
            " " + String(repeating: "A", count: 42), String(repeating: "é", count: 43),
            String(repeating: "A", count: 42) + "\0",
        ])
    func refused(_ text: String) {
        #expect(SecretToken(text) == nil)
    }

    @Test("The last character has only the encodings without stray bits")
    func lastCharacter() {
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        let accepted = alphabet.filter { SecretToken(String(repeating: "A", count: 42) + String($0)) != nil }
        #expect(String(accepted) == "AEIMQUYcgkosw048")
    }

    @Test("Neither a token nor a hash shows itself")
    func redacted() {
        let token = SecretToken.random()
        var dumped = ""
        dump(token, to: &dumped)
        dump(token.hash, to: &dumped)
        dumped += "\(token) \(String(reflecting: token)) \(token.hash) \(String(reflecting: token.hash))"
        #expect(!dumped.contains(token.revealed))
        #expect(!token.hash.bytes.contains { $0 > 9 && dumped.contains(" \($0)") })
    }

    @Test("A hash is 32 bytes", arguments: [0, 31, 33])
    func wrongLength(_ length: Int) {
        #expect(TokenHash(bytes: [UInt8](repeating: 1, count: length)) == nil)
    }
}
