/// A network: an address as its network-order bytes and how many of its leading bits count.
public struct AddressRange: Sendable, Hashable {
    /// 4 or 16 bytes.
    public let bytes: [UInt8]
    /// Leading bits that count, at most 8 for each byte.
    public let prefixLength: Int

    /// `nil` unless there are 4 or 16 bytes and as many bits as fit.
    public init?(bytes: [UInt8], prefixLength: Int) {
        guard bytes.count == 4 || bytes.count == 16, (0...bytes.count * 8).contains(prefixLength) else { return nil }
        self.bytes = bytes
        self.prefixLength = prefixLength
    }

    /// An IPv4 range holds no IPv6 address and the other way round.
    func contains(_ address: [UInt8]) -> Bool {
        guard address.count == bytes.count else { return false }
        var remaining = prefixLength
        for (mine, theirs) in zip(bytes, address) {
            guard remaining > 0 else { return true }
            let bits = min(8, remaining)
            let mask = UInt8(truncatingIfNeeded: 0xFF00 >> bits)
            guard mine & mask == theirs & mask else { return false }
            remaining -= bits
        }
        return true
    }
}
