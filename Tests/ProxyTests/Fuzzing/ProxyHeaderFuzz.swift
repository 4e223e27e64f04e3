import FuzzSupport

@testable import Proxy

/// `ProxyHeader`: the whole input is what a listed peer sends first.
struct ProxyHeaderFuzz: FuzzTarget {
    static let name = "proxy-header"

    private enum Reference: Equatable {
        case incomplete, malformed
        case complete(Int, source: String?, port: Int?)
    }

    func disagreement(_ input: [UInt8]) -> String? {
        var wrong = Disagreement()
        let whole = parse(input)
        wrong.expectEqual(whole, reference(input), "header")
        // However much has come of a header, it is either not enough or the same.
        for cut in stride(from: 0, to: input.count, by: 7) {
            let part = parse(Array(input.prefix(cut)))
            if case .complete(let count, _, _) = whole {
                wrong.expect(part == (cut < count ? .incomplete : whole), "another answer after \(cut) bytes: \(part)")
            }
        }
        return wrong.text
    }

    private func parse(_ input: [UInt8]) -> Reference {
        switch withView(input, { ProxyHeader.parse($0) }) {
        case .incomplete: .incomplete
        case .malformed: .malformed
        case .complete(let count, let addresses):
            .complete(count, source: addresses?.source.text, port: addresses.map { Int($0.destinationPort) })
        }
    }

    private func reference(_ input: [UInt8]) -> Reference {
        let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10]
        if input.starts(with: signature) { return binary(input) }
        if signature.starts(with: input) { return .incomplete }
        let name = Array("PROXY ".utf8)
        if input.starts(with: name) { return text(input) }
        return name.starts(with: input) ? .incomplete : .malformed
    }

    private func text(_ input: [UInt8]) -> Reference {
        let line = Array(input.prefix { $0 != 0x0A })
        if line.count == input.count { return input.count < 107 ? .incomplete : .malformed }
        if line.count >= 107 || line.last != 0x0D { return .malformed }
        let words = Array(line.dropLast()).parts(0x20).map(\.text)
        if words.count >= 2, words[1] == "UNKNOWN" { return .complete(line.count + 1, source: nil, port: nil) }
        guard words.count == 6, ["TCP4", "TCP6"].contains(words[1]) else { return .malformed }
        let addresses = words[2...3].compactMap { ReferenceAddress(Array($0.utf8)) }
        let ports = words[4...5].compactMap { $0.wholeMatch(of: /0|[1-9][0-9]{0,4}/) != nil ? UInt16($0) : nil }
        let isFour = words[1] == "TCP4"
        guard addresses.count == 2, ports.count == 2, words[2...3].allSatisfy({ $0.contains(":") != isFour }) else { return .malformed }
        return .complete(line.count + 1, source: addresses[0].text, port: Int(ports[1]))
    }

    private func binary(_ input: [UInt8]) -> Reference {
        if input.count < 16 { return .incomplete }
        let length = Int(input[14]) * 256 + Int(input[15])
        if input[12] / 16 != 2 || length > 2048 { return .malformed }
        if input.count < 16 + length { return .incomplete }
        if input[12] == 0x20 { return .complete(16 + length, source: nil, port: nil) }
        if input[12] != 0x21 { return .malformed }
        let body = input[16..<(16 + length)]
        func group(_ offset: Int) -> UInt16 { UInt16(body[16 + offset]) * 256 + UInt16(body[17 + offset]) }
        switch input[13] {
        case 0x11:
            if length < 12 { return .malformed }
            let quad = body.prefix(4).map(String.init).joined(separator: ".")
            return .complete(16 + length, source: quad, port: Int(group(10)))
        case 0x21:
            if length < 36 { return .malformed }
            let groups = (0..<8).map { String(group($0 * 2), radix: 16) }.joined(separator: ":")
            return .complete(16 + length, source: ReferenceAddress(Array(groups.utf8))?.text, port: Int(group(34)))
        case 0x00, 0x12, 0x22, 0x31, 0x32: return .complete(16 + length, source: nil, port: nil)
        default: return .malformed
        }
    }
}
