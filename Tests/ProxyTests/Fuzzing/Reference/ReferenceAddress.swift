/// IP addresses after RFC 4291 §2.2 and RFC 5952, group by group. All are 16 bytes, IPv4 in its mapped form.
struct ReferenceAddress: Equatable {
    let groups: [UInt16]

    var isIPv4: Bool { groups.prefix(6) == [0, 0, 0, 0, 0, 0xFFFF] }

    init?(_ text: [UInt8]) {
        let text = text.text
        if let four = Self.quad(text) {
            groups = [0, 0, 0, 0, 0, 0xFFFF] + four
            return
        }
        guard let parsed = Self.six(text) else { return nil }
        groups = parsed
    }

    /// Two groups of a dotted quad: decimal, no leading zero.
    private static func quad(_ text: String) -> [UInt16]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt16] = []
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy(ReferenceCharacters.digits.contains),
                part.utf8.count == 1 || part.first != "0", let value = UInt16(part), value <= 255
            else { return nil }
            bytes.append(value)
        }
        return [bytes[0] << 8 | bytes[1], bytes[2] << 8 | bytes[3]]
    }

    private static func six(_ text: String) -> [UInt16]? {
        let halves = Array(text.utf8).text.split(separator: "::", omittingEmptySubsequences: false)
        switch halves.count {
        case 1:
            guard let groups = list(text, mayEndInQuad: true), groups.count == 8 else { return nil }
            return groups
        case 2:
            guard let left = halves[0].isEmpty ? [] : list(String(halves[0]), mayEndInQuad: false),
                let right = halves[1].isEmpty ? [] : list(String(halves[1]), mayEndInQuad: true),
                left.count + right.count <= 7
            else { return nil }
            return left + Array(repeating: 0, count: 8 - left.count - right.count) + right
        default: return nil
        }
    }

    private static func list(_ text: String, mayEndInQuad: Bool) -> [UInt16]? {
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if (1...4).contains(part.utf8.count), part.utf8.allSatisfy(ReferenceCharacters.hexadecimal.contains),
                let value = UInt16(part, radix: 16)
            {
                groups.append(value)
            } else if mayEndInQuad, index == parts.count - 1, let quad = quad(String(part)) {
                groups += quad
            } else {
                return nil
            }
        }
        return groups
    }

    var text: String {
        if isIPv4 { return Self.quadText(groups[6], groups[7]) }
        // The longest run of zeros, the first of equal ones; one zero is no run.
        var best = 0..<0
        for start in 0..<8 {
            let run = groups[start...].prefix { $0 == 0 }.count
            if run >= 2, run > best.count { best = start..<start + run }
        }
        // As every C library prints IPv4-compatible addresses.
        if best == 0..<6 { return "::" + Self.quadText(groups[6], groups[7]) }
        func join(_ part: ArraySlice<UInt16>) -> String { part.map { String($0, radix: 16) }.joined(separator: ":") }
        return best.isEmpty ? join(groups[...]) : join(groups[..<best.lowerBound]) + "::" + join(groups[best.upperBound...])
    }

    private static func quadText(_ high: UInt16, _ low: UInt16) -> String {
        "\(high >> 8).\(high & 0xFF).\(low >> 8).\(low & 0xFF)"
    }
}
