import FuzzSupport
import NIOCore
import NIOHPACK

@testable import Proxy

/// `HTTP2ResponseHead`: each line is a field, name and value parted by a tab. Bytes that are no UTF-8 come as HPACK
/// hands them over.
final class HTTP2ResponseFuzz: FuzzTarget {
    static let name = "http2-response"

    private let limits = FuzzWorld().limits

    func disagreement(_ input: [UInt8]) -> String? {
        let fields = input.parts(0x0A).map { line -> (name: String, value: String) in
            let halves = line.split(separator: 0x09, maxSplits: 1, omittingEmptySubsequences: false).map { Array($0).text }
            return (halves[0], halves.count == 2 ? halves[1] : "")
        }
        let reference = Self.reference(fields)
        let size = reference.map { $0.reduce(2) { $0 + $1.utf8.count + 2 } } ?? 0
        var wrong = Disagreement()
        if let head = HTTP2ResponseHead.make(HPACKHeaders(fields.map { ($0.name, $0.value) }), limits: limits) {
            let bytes = Array(head.readableBytesView)
            wrong.expectEqual(ReferenceScan.outcome(bytes, nil), .complete(bytes.count), "end of the head")
            guard wrong.text == nil else { return wrong.text }
            wrong.expectEqual(bytes.linesEndedByCRLF().dropLast(2).map(\.text), reference ?? [], "lines")
            wrong.expect(bytes.count <= limits.maximumResponseHeadBytes, "too large")
        } else {
            let isLarge = size > limits.maximumResponseHeadBytes / 2 || (reference?.count ?? 0) > limits.maximumFields
            wrong.expect(reference == nil || isLarge, "refused")
        }
        return wrong.text
    }

    /// The lines of the same response in HTTP/1.1 after RFC 9113 §8.2 and §8.3.2; `nil` where it is malformed.
    private static func reference(_ fields: [(name: String, value: String)]) -> [String]? {
        guard let status = fields.first, status.name == ":status", status.value != "101",
            Array(status.value.utf8).count == 3, status.value.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        var lines = ["HTTP/1.1 \(status.value)"]
        for (name, value) in fields.dropFirst() {
            let bytes = Array(value.utf8)
            guard bytes.allSatisfy(ReferenceCharacters.fieldValue.contains), bytes == bytes.stripped, !name.isEmpty,
                name.utf8.allSatisfy({ ReferenceCharacters.token.contains($0) && !(0x41...0x5A).contains($0) }),
                !["connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade"].contains(name)
            else { return nil }
            lines.append("\(name): \(value)")
        }
        return lines
    }
}
