import Testing

@testable import ConfigurationFile

struct NetworkTests {
    @Test(
        "an address is inside or outside",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.0.0.0/9", "10.127.255.255", true),
            ("10.0.0.0/9", "10.128.0.0", false), ("192.0.2.7", "192.0.2.7", true), ("192.0.2.7", "192.0.2.8", false),
            ("10.0.0.0/8", "::ffff:10.0.0.1", true), ("::ffff:10.0.0.1", "10.0.0.1", true), ("fd00::/8", "fdff::1", true),
            ("fd00::/8", "fe00::1", false), ("::1", "::1", true), ("::/0", "10.0.0.1", false), ("0.0.0.0/0", "::1", false),
            ("fe80::/10", "febf::1", true), ("fe80::/10", "fec0::1", false), ("10.0.0.0/8", "10.0.0", false), ("10.0.0.0/8", "", false),
            ("10.0.0.0/8", "010.0.0.1", false), ("10.0.0.0/8", "10.0.0.1 ", false), ("fe80::/10", "fe80::1%eth0", false),
        ])
    func contains(network: String, address: String, isInside: Bool) throws {
        #expect(try Network.parse(network).get().contains(address) == isInside)
    }

    @Test(
        "text that is no network",
        arguments: [
            "", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/8/8", "10.0.0/8", "::/129", "::ffff:10.0.0.0/104",
            "a.example", "10.0.0.0/ 8",
        ])
    func malformed(text: String) { #expect(Network.parse(text) == .failure(.malformed)) }

    @Test("bits after the prefix", arguments: ["10.0.0.1/8", "10.128.0.0/8", "10.192.0.0/9", "fd00::1/8", "128.0.0.0/0"])
    func hostBits(text: String) { #expect(Network.parse(text) == .failure(.hostBits)) }

    @Test("bytes count like text, and other lengths like no address")
    func bytes() throws {
        let network = try Network.parse("10.0.0.0/8").get()
        #expect(network.contains(bytes: [10, 1, 2, 3]))
        #expect(network.contains(bytes: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 1, 2, 3]))
        #expect(!network.contains(bytes: [10, 1, 2]))
        #expect(!network.contains(bytes: []))
    }
}
