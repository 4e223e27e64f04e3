import Testing

@testable import OIDC

@Suite struct FormEncodingTests {
    @Test(
        "Everything but letters, digits and four marks is escaped",
        arguments: [
            ("", ""), ("azAZ09*-._", "azAZ09*-._"), ("a b", "a+b"), ("a+b", "a%2Bb"), ("a&b=c", "a%26b%3Dc"),
            ("a:b%", "a%3Ab%25"), ("~", "%7E"), ("é", "%C3%A9"), ("\r\n", "%0D%0A"),
        ])
    func escapes(text: String, encoded: String) {
        #expect(FormEncoding.encode(text) == encoded)
    }

    @Test func `Parameters keep their order`() {
        #expect(FormEncoding.encode([("b", "1 2"), ("a", "&")]) == "b=1+2&a=%26")
    }
}
