import Testing

@testable import Fetch

@Suite("Address policy")
struct AddressPolicyTests {
    private static let nothingAllowed = AddressPolicy(allowed: [])

    private static func permits(_ text: String, _ policy: AddressPolicy = nothingAllowed) throws -> Bool {
        policy.permits(try #require(SocketAddress.bytes(ofText: text), "\(text)"))
    }

    /// First and last address of each special network (IANA special-purpose address registries).
    @Test(
        "A special network is refused from its first address to its last",
        arguments: [
            ("0.0.0.0", "0.255.255.255"), ("10.0.0.0", "10.255.255.255"), ("100.64.0.0", "100.127.255.255"),
            ("127.0.0.0", "127.255.255.255"), ("169.254.0.0", "169.254.255.255"), ("172.16.0.0", "172.31.255.255"),
            ("192.0.0.0", "192.0.0.255"), ("192.0.2.0", "192.0.2.255"), ("192.88.99.0", "192.88.99.255"),
            ("192.168.0.0", "192.168.255.255"), ("198.18.0.0", "198.19.255.255"), ("198.51.100.0", "198.51.100.255"),
            ("203.0.113.0", "203.0.113.255"), ("224.0.0.0", "239.255.255.255"), ("240.0.0.0", "255.255.255.255"),
            ("::", "::1"), ("::7f00:1", "::ffff"), ("64:ff9b::", "64:ff9b::ffff:ffff"), ("64:ff9b:1::", "64:ff9b:1:ffff::"),
            ("100::", "100::ffff:ffff:ffff:ffff"), ("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"), ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"), ("4000::", "5f00::1"),
            ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("fec0::", "feff::1"), ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ])
    func special(first: String, last: String) throws {
        #expect(try !Self.permits(first))
        #expect(try !Self.permits(last))
    }

    @Test(
        "The addresses on both sides of the special networks are permitted",
        arguments: [
            "1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
            "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.1.255",
            "192.0.3.0", "192.88.98.255", "192.88.100.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
            "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255", "2000::",
            "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::", "2001:db7:ffff::", "2001:db9::",
            "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::", "3ffe:ffff::", "3fff:1000::",
            "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::ffff:8.8.8.8",
        ])
    func neighbours(address: String) throws {
        #expect(try Self.permits(address))
    }

    @Test(
        "An IPv4-mapped address is judged as the IPv4 address that it is",
        arguments: ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0.0.0.0", "::ffff:7f00:1"])
    func mapped(address: String) throws {
        #expect(try !Self.permits(address))
    }

    @Test("A listed network is permitted, in both spellings, and nothing around it")
    func listed() throws {
        let policy = AddressPolicy(allowed: AddressRange.network("10.1.2.0/23") + AddressRange.network("fd00:1::/32"))
        for address in ["10.1.2.0", "10.1.3.255", "::ffff:10.1.2.3", "fd00:1::", "fd00:1:ffff::1"] {
            #expect(try Self.permits(address, policy), "\(address)")
        }
        for address in ["10.1.1.255", "10.1.4.0", "::ffff:10.1.4.0", "fd00:0:ffff::", "fd00:2::", "127.0.0.1", "::1"] {
            #expect(try !Self.permits(address, policy), "\(address)")
        }
    }

    @Test("A network of every address permits its own family alone")
    func everything() throws {
        #expect(try Self.permits("127.0.0.1", AddressPolicy(allowed: AddressRange.network("0.0.0.0/0"))))
        #expect(try !Self.permits("::1", AddressPolicy(allowed: AddressRange.network("0.0.0.0/0"))))
        #expect(try !Self.permits("127.0.0.1", AddressPolicy(allowed: AddressRange.network("::/0"))))
    }

    @Test("What is neither 4 nor 16 bytes is refused", arguments: [0, 1, 3, 5, 15, 17])
    func lengths(count: Int) {
        let policy = AddressPolicy(allowed: AddressRange.network("0.0.0.0/0") + AddressRange.network("::/0"))
        #expect(!policy.permits([UInt8](repeating: 8, count: count)))
    }

    @Test(
        "A range has 4 or 16 bytes and a prefix that fits",
        arguments: [(4, -1), (4, 33), (16, 129), (0, 0), (5, 8), (16, -1)])
    func ranges(count: Int, prefix: Int) {
        #expect(AddressRange(bytes: [UInt8](repeating: 0, count: count), prefixLength: prefix) == nil)
        #expect(AddressRange(bytes: [0, 0, 0, 0], prefixLength: 32) != nil)
    }

    @Test(
        "Loopback is 127.0.0.0/8 and ::1",
        arguments: [
            ("127.0.0.1", true), ("127.255.255.255", true), ("::1", true), ("::ffff:127.0.0.1", true), ("126.0.0.1", false),
            ("128.0.0.1", false), ("::", false), ("::2", false), ("0.0.0.0", false), ("::ffff:10.0.0.1", false),
        ])
    func loopback(address: String, expected: Bool) throws {
        #expect(AddressPolicy.isLoopback(try #require(SocketAddress.bytes(ofText: address))) == expected)
    }
}
