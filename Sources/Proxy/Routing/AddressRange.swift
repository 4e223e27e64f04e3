import Glibc

/// An IPv4 or IPv6 address as one number; IPv4 in its IPv4-mapped form (RFC 4291 §2.5.5.2), so that one
/// peer is one value whatever kind of socket it came in on.
struct IPAddress: Hashable, Sendable {
    let high: UInt64
    let low: UInt64

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Longest text that is looked at: `INET6_ADDRSTRLEN` without its NUL.
    static let maximumTextBytes = 45

    /// `nil` unless `text` is one plain address: no zone, no port, no brackets, no leading zeros.
    init?(_ text: ByteView) {
        guard text.count >= 2, text.count <= Self.maximumTextBytes else { return nil }
        let parsed: (UInt64, UInt64)? = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Self.maximumTextBytes + 1) { terminated in
            for index in 0..<text.count {
                // A NUL inside would end the text early for inet_pton.
                guard text[index] != 0 else { return nil }
                terminated[index] = CChar(bitPattern: text[index])
            }
            terminated[text.count] = 0
            guard let base = terminated.baseAddress else { return nil }
            var four = in_addr()
            if inet_pton(AF_INET, base, &four) == 1 {
                return (0, 0xFFFF_0000_0000 | UInt64(UInt32(bigEndian: four.s_addr)))
            }
            var six = in6_addr()
            guard inet_pton(AF_INET6, base, &six) == 1 else { return nil }
            return withUnsafeBytes(of: six) {
                (
                    UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                    UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                )
            }
        }
        guard let parsed else { return nil }
        (high, low) = parsed
    }

    init?(_ text: String) {
        var copy = text
        let parsed = copy.withUTF8 { IPAddress(ByteView(UnsafeRawBufferPointer($0))) }
        guard let parsed else { return nil }
        self = parsed
    }

    var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }

    /// The usual text: dotted quad for IPv4, RFC 5952 for IPv6.
    var text: String {
        if isIPv4 {
            return "\(low >> 24 & 0xFF).\(low >> 16 & 0xFF).\(low >> 8 & 0xFF).\(low & 0xFF)"
        }
        var words = (high.bigEndian, low.bigEndian)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Self.maximumTextBytes + 1) { out in
            guard let base = out.baseAddress, inet_ntop(AF_INET6, &words, base, socklen_t(out.count)) != nil else { return "" }
            return String(cString: base)
        }
    }
}

/// A network in CIDR notation, or one address.
public struct AddressRange: Sendable, Hashable {
    private let base: IPAddress
    /// Bits of the 128 that are compared.
    private let prefixBits: Int

    /// `10.0.0.0/8`, `2001:db8::/32`, `127.0.0.1`. `nil` for anything else. Bits below the prefix don't count.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(String(first)) else { return nil }
        let width = address.isIPv4 && !first.contains(":") ? 32 : 128
        var bits = width
        if parts.count == 2, let last = parts.last {
            guard (1...3).contains(last.utf8.count), last.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
                let value = Int(last), value <= width
            else { return nil }
            bits = value
        }
        base = address
        prefixBits = bits + (128 - width)
    }

    func contains(_ address: IPAddress) -> Bool {
        let (highMask, lowMask) = Self.masks(prefixBits)
        return (address.high ^ base.high) & highMask == 0 && (address.low ^ base.low) & lowMask == 0
    }

    private static func masks(_ bits: Int) -> (UInt64, UInt64) {
        // Smart shifts: by 64 gives 0.
        (bits <= 0 ? 0 : ~UInt64(0) << UInt64(max(0, 64 - bits)), bits <= 64 ? 0 : ~UInt64(0) << UInt64(max(0, 128 - bits)))
    }
}
