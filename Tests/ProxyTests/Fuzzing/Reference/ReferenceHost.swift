/// A `Host` value after RFC 3986 §3.2.2, of which only plain names and addresses are accepted.
struct ReferenceHost: Equatable {
    /// Canonical.
    let host: String
    let port: Int?

    init?(_ value: [UInt8]) {
        if value.first == 0x5B {
            guard let close = value.firstIndex(of: 0x5D) else { return nil }
            let inside = Array(value[1..<close])
            guard inside.contains(0x3A), let address = ReferenceAddress(inside), !address.isIPv4 else { return nil }
            host = "[" + address.text + "]"
            guard let port = Self.port(Array(value[(close + 1)...])) else { return nil }
            self.port = port.number
            return
        }
        let end = value.firstIndex(of: 0x3A) ?? value.count
        var name = Array(value[..<end]).lowered
        if name.last == 0x2E { name.removeLast() }
        let labels = name.parts(0x2E)
        guard name.count <= 253,
            labels.allSatisfy({ !$0.isEmpty && $0.allSatisfy { ReferenceCharacters.alphanumeric.contains($0) || $0 == 0x2D || $0 == 0x5F } }
            ),
            let port = Self.port(Array(value[end...]))
        else { return nil }
        host = name.text
        self.port = port.number
    }

    private struct Port { let number: Int? }

    /// Nothing, or a colon and 1 to 65535 in at most five digits.
    private static func port(_ rest: [UInt8]) -> Port? {
        if rest.isEmpty { return Port(number: nil) }
        let digits = rest.dropFirst()
        guard rest.first == 0x3A, (1...5).contains(digits.count), digits.allSatisfy(ReferenceCharacters.digits.contains),
            let number = Int(String(decoding: digits, as: UTF8.self)), (1...65_535).contains(number)
        else { return nil }
        return Port(number: number)
    }
}
