/// Which addresses may be connected to: public unicast ones, and what the operator lists.
struct AddressPolicy: Sendable {
    var allowed: [AddressRange]

    /// Not public unicast, by the IANA special-purpose registries (RFC 6890 and updates).
    private static let refusedV4: [AddressRange] = [
        (0, 0, 0, 8), (10, 0, 0, 8), (100, 64, 0, 10), (127, 0, 0, 8), (169, 254, 0, 16), (172, 16, 0, 12), (192, 0, 0, 24),
        (192, 0, 2, 24), (192, 88, 99, 24), (192, 168, 0, 16), (198, 18, 0, 15), (198, 51, 100, 24), (203, 0, 113, 24),
        (224, 0, 0, 3),
    ].compactMap { (a: UInt8, b: UInt8, c: UInt8, bits: Int) in AddressRange(bytes: [a, b, c, 0], prefixLength: bits) }

    /// Inside 2000::/3 and still not to be reached: protocol assignments with Teredo (2001::/23),
    /// documentation (2001:db8::/32, 3fff::/20) and 6to4 (2002::/16), which wraps an IPv4 address.
    private static let refusedV6: [AddressRange] = [
        ([0x20, 0x01, 0x00], 23), ([0x20, 0x01, 0x0D, 0xB8], 32), ([0x3F, 0xFF], 20), ([0x20, 0x02], 16),
    ].compactMap { (start: [UInt8], bits: Int) in
        AddressRange(bytes: start + [UInt8](repeating: 0, count: 16 - start.count), prefixLength: bits)
    }

    private static let globalV6 = AddressRange(bytes: [0x20] + [UInt8](repeating: 0, count: 15), prefixLength: 3)
    private static let loopbackV6 = [UInt8](repeating: 0, count: 15) + [1]
    private static let mappedPrefix = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]

    /// `::ffff:a.b.c.d` is the IPv4 address that it stands for (RFC 4291 §2.5.5.2).
    private static func unmapped(_ address: [UInt8]) -> [UInt8] {
        address.count == 16 && address.starts(with: mappedPrefix) ? Array(address.suffix(4)) : address
    }

    /// `address`: 4 or 16 bytes in network order. Anything else is refused.
    func permits(_ address: [UInt8]) -> Bool {
        let address = Self.unmapped(address)
        if allowed.contains(where: { $0.contains(address) }) { return true }
        switch address.count {
        case 4: return !Self.refusedV4.contains { $0.contains(address) }
        case 16: return Self.globalV6?.contains(address) == true && !Self.refusedV6.contains { $0.contains(address) }
        default: return false
        }
    }

    static func isLoopback(_ address: [UInt8]) -> Bool {
        let address = unmapped(address)
        return address.count == 4 ? address.first == 127 : address == loopbackV6
    }
}
