import Testing

@testable import Proxy

@Suite struct AddressRangeTests {
    @Test(
        "an address is inside or outside a network",
        arguments: [
            ("10.0.0.0/8", "10.1.2.3", true), ("10.0.0.0/8", "11.0.0.0", false), ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
            ("0.0.0.0/0", "9.9.9.9", true), ("0.0.0.0/0", "2001:db8::1", false), ("192.168.4.0/22", "192.168.7.255", true),
            ("192.168.4.0/22", "192.168.8.0", false),
            ("2001:db8::/32", "2001:db8:1::", true), ("2001:db8::/32", "2001:db9::", false), ("::/0", "2001:db8::1", true),
            ("2001:db8::/65", "2001:db8::8000:0:0:0", false),
            ("10.0.0.0/8", "::ffff:10.1.1.1", true), ("::1", "::1", true),
        ])
    func contains(_ range: String, _ address: String, _ expected: Bool) throws {
        let range = try #require(AddressRange(range))
        let address = try #require(IPAddress(address))
        #expect(range.contains(address) == expected)
    }

    @Test(
        "what is no network is refused",
        arguments: [
            "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0/8", "::/129", "a", "10.0.0.0/8/8", "fe80::1%eth0",
            "010.0.0.1",
        ])
    func refuses(_ text: String) { #expect(AddressRange(text) == nil) }

    @Test(
        "an address has one text",
        arguments: [("127.0.0.1", "127.0.0.1"), ("::ffff:127.0.0.1", "127.0.0.1"), ("2001:DB8:0:0:0:0:0:1", "2001:db8::1")])
    func text(_ raw: String, _ expected: String) { #expect(IPAddress(raw)?.text == expected) }

    @Test(
        "what is no plain address is refused",
        arguments: ["", "a", "unknown", "1.2.3.4:80", "[::1]", "fe80::1%1", "1.2.3", "1.2.3.4 ", "1.2.3.4\u{0}", "256.1.1.1"])
    func noAddress(_ text: String) { #expect(IPAddress(text) == nil) }
}
