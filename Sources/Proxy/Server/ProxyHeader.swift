import NIOCore

/// The header with which a TCP proxy says whom it speaks for: the PROXY protocol, versions 1 and 2
/// (haproxy's `doc/proxy-protocol.txt`), read strictly.
enum ProxyHeader {
    /// Version 1, CR LF included.
    static let maximumTextBytes = 107
    /// Version 2: what follows its first 16 bytes. Addresses take 36; the rest is options, which are skipped.
    static let maximumBinaryBytes = 2_048

    private static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]

    struct Addresses: Equatable {
        let source: IPAddress
        let destinationPort: UInt16
    }

    enum Outcome: Equatable {
        case incomplete
        /// So many bytes. No addresses: the proxy speaks for itself, as in a health check.
        case complete(Int, Addresses?)
        case malformed
    }

    static func parse(_ view: ByteView) -> Outcome {
        let start = view.slice(0, signature.count)
        if start.equals(Array(signature.prefix(start.count))) {
            return start.count < signature.count ? .incomplete : parseBinary(view)
        }
        let prefix: StaticString = "PROXY "
        guard view.count >= prefix.utf8CodeUnitCount else {
            for index in 0..<view.count where view[index] != prefix.utf8Start[index] { return .malformed }
            return .incomplete
        }
        return view.hasPrefix(prefix) ? parseText(view) : .malformed
    }

    // MARK: Version 1

    private static func parseText(_ view: ByteView) -> Outcome {
        guard let end = view.firstIndex(of: 0x0A, from: 0) else { return view.count < maximumTextBytes ? .incomplete : .malformed }
        guard end < maximumTextBytes, view[end - 1] == 0x0D else { return .malformed }
        var words: [ByteView] = []
        var index = 0
        let line = view.slice(0, end - 1)
        while index <= line.count {
            let space = line.firstIndex(of: 0x20, from: index) ?? line.count
            words.append(line.slice(index, space))
            index = space + 1
        }
        // What follows UNKNOWN means nothing.
        if words.count >= 2, words[1].equals("UNKNOWN") { return .complete(end + 1, nil) }
        guard words.count == 6, words[1].equals("TCP4") || words[1].equals("TCP6"), let source = IPAddress(words[2]),
            let destination = IPAddress(words[3]), port(words[4]) != nil, let destinationPort = port(words[5]),
            isFamily(words[2], four: words[1].equals("TCP4")), isFamily(words[3], four: words[1].equals("TCP4"))
        else { return .malformed }
        _ = destination
        return .complete(end + 1, Addresses(source: source, destinationPort: destinationPort))
    }

    private static func isFamily(_ text: ByteView, four: Bool) -> Bool { (text.firstIndex(of: 0x3A, from: 0) == nil) == four }

    private static func port(_ text: ByteView) -> UInt16? {
        guard text.count <= 5, text.count == 1 || text[0] != 0x30, let value = FieldSectionParser.decimal(text) else { return nil }
        return UInt16(exactly: value)
    }

    // MARK: Version 2

    private static func parseBinary(_ view: ByteView) -> Outcome {
        guard view.count >= 16 else { return .incomplete }
        let length = Int(view[14]) << 8 | Int(view[15])
        guard view[12] >> 4 == 2, length <= maximumBinaryBytes else { return .malformed }
        guard view.count >= 16 + length else { return .incomplete }
        let end = 16 + length
        switch view[12] & 0x0F {
        case 0: return .complete(end, nil)
        case 1: break
        default: return .malformed
        }
        switch view[13] {
        case 0x11:
            guard length >= 12 else { return .malformed }
            let source = UInt64(number(view, 16, 4))
            return .complete(
                end, Addresses(source: IPAddress(high: 0, low: 0xFFFF_0000_0000 | source), destinationPort: UInt16(number(view, 26, 2))))
        case 0x21:
            guard length >= 36 else { return .malformed }
            return .complete(
                end,
                Addresses(
                    source: IPAddress(high: number(view, 16, 8), low: number(view, 24, 8)), destinationPort: UInt16(number(view, 50, 2))))
        // Unspecified, UDP or unix: there is no address of a client in it.
        case 0x00, 0x12, 0x22, 0x31, 0x32: return .complete(end, nil)
        default: return .malformed
        }
    }

    private static func number(_ view: ByteView, _ start: Int, _ count: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in start..<(start + count) { value = value << 8 | UInt64(view[index]) }
        return value
    }
}
