/// A range of addresses in CIDR form (RFC 4632 §3.1, RFC 4291 §2.3).
public struct Network: Hashable, Sendable, CustomStringConvertible {
    /// The first address of the range.
    public let address: IPAddress
    /// How many leading bits are the network's: 0 to 32, or 0 to 128.
    public let prefixLength: Int

    /// Why text is not a network.
    enum Refusal: Error, Equatable {
        case malformed
        /// Bits outside the prefix are set: one digit is wrong, and nobody can know which.
        case hostBits
    }

    /// `10.0.0.0/8`, `fd00::/8`, or one address.
    static func parse(_ text: String) -> Result<Network, Refusal> {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let first = parts.first, let address = IPAddress(first) else {
            return .failure(.malformed)
        }
        let width = address.bytes.count * 8
        guard parts.count == 2, let digits = parts.last else {
            return .success(Network(address: address, prefixLength: width))
        }
        // A mapped address with a prefix would need the prefix translated: the IPv4 form says it plainly.
        guard digits.utf8.allSatisfy(\.isASCIIDigit), let length = Int(digits), String(length) == digits,
            (0...width).contains(length), width == 32 ? !first.contains(":") : true
        else { return .failure(.malformed) }
        let network = Network(address: address, prefixLength: length)
        return network.hasHostBits ? .failure(.hostBits) : .success(network)
    }

    init(address: IPAddress, prefixLength: Int) {
        self.address = address
        self.prefixLength = prefixLength
    }

    /// IPv4-mapped addresses count as IPv4.
    public func contains(_ other: IPAddress) -> Bool {
        guard other.bytes.count == address.bytes.count else { return false }
        let wholeBytes = prefixLength / 8, bits = prefixLength % 8
        guard address.bytes.prefix(wholeBytes) == other.bytes.prefix(wholeBytes) else { return false }
        guard bits > 0, wholeBytes < address.bytes.count else { return true }
        let mask = UInt8(truncatingIfNeeded: 0xFF << (8 - bits))
        return address.bytes[wholeBytes] & mask == other.bytes[wholeBytes] & mask
    }

    /// `false` for text that is no address.
    public func contains(_ text: some StringProtocol) -> Bool { IPAddress(text).map(contains) ?? false }

    /// 4 or 16 bytes in network order; `false` for anything else.
    public func contains(bytes: some Sequence<UInt8>) -> Bool { IPAddress(bytes: bytes).map(contains) ?? false }

    public var description: String { "\(address)/\(prefixLength)" }

    private var hasHostBits: Bool {
        address.bytes.indices.contains { index in
            let kept = min(8, max(0, prefixLength - index * 8))
            return address.bytes[index] & UInt8(truncatingIfNeeded: 0xFF >> kept) != 0
        }
    }
}
