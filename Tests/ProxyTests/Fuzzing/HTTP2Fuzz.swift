import FuzzSupport
import NIOCore
import NIOHPACK

@testable import Proxy

/// `HTTP2RequestHead`: the first byte's last bit says whether the stream ends with the head; each further line
/// is a field, name and value parted by a tab. Bytes that are no UTF-8 come as HPACK hands them over.
final class HTTP2Fuzz: FuzzTarget {
    static let name = "http2"

    private let limits = FuzzWorld().limits

    func disagreement(_ input: [UInt8]) -> String? {
        guard let first = input.first else { return nil }
        let fields = Array(input.dropFirst()).parts(0x0A).map { line -> (name: String, value: String) in
            let halves = line.split(separator: 0x09, maxSplits: 1, omittingEmptySubsequences: false).map { Array($0).text }
            return (halves[0], halves.count == 2 ? halves[1] : "")
        }
        let endsStream = first & 1 == 1
        let reference = Self.reference(fields, endsStream: endsStream)
        let size = reference.map { $0.reduce(2) { $0 + $1.utf8.count + 2 } } ?? 0
        var wrong = Disagreement()
        switch HTTP2RequestHead.make(HPACKHeaders(fields.map { ($0.name, $0.value) }), endsStream: endsStream, limits: limits) {
        case .refused(let refusal):
            wrong.expect(reference == nil || refusal == .headTooLarge && size > limits.maximumHeadBytes / 2, "refused for \(refusal)")
        case .head(let buffer):
            let bytes = Array(buffer.readableBytesView)
            wrong.expectEqual(ReferenceScan.outcome(bytes, nil), .complete(bytes.count), "end of the head")
            guard wrong.text == nil else { return wrong.text }
            let lines = bytes.linesEndedByCRLF().dropLast(2).map(\.text)
            wrong.expectEqual(lines.map { $0.lowercased() }, reference?.map { $0.lowercased() } ?? [], "lines")
            wrong.expectEqual(lines.first, reference?.first, "request line")
            wrong.expect(bytes.count <= limits.maximumHeadBytes, "too large")
        }
        return wrong.text
    }

    /// The lines of the same request in HTTP/1.1 after RFC 9113 §8.2 and §8.3; `nil` where it is malformed.
    private static func reference(_ fields: [(name: String, value: String)], endsStream: Bool) -> [String]? {
        let regular = fields.drop { $0.name.hasPrefix(":") }
        let pseudo = fields.prefix(fields.count - regular.count)
        let known = Dictionary(pseudo.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        func isVisible(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) } }
        guard known.count == pseudo.count, Set(known.keys).isSubset(of: [":method", ":scheme", ":path", ":authority"]),
            let method = known[":method"], isVisible(method), method != "CONNECT", known[":scheme"] == "https",
            let path = known[":path"], isVisible(path), path.hasPrefix("/"), known[":authority"].map(isVisible) ?? true
        else { return nil }
        guard !regular.contains(where: { $0.name.hasPrefix(":") }) else { return nil }
        for (name, value) in fields {
            let bytes = Array(value.utf8)
            guard bytes.allSatisfy(ReferenceCharacters.fieldValue.contains), bytes == bytes.stripped,
                !value.unicodeScalars.contains("\u{FFFD}")
            else { return nil }
            if name.hasPrefix(":") { continue }
            guard !name.isEmpty, name.utf8.allSatisfy({ ReferenceCharacters.token.contains($0) && !(0x41...0x5A).contains($0) }),
                !["connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade"].contains(name)
            else { return nil }
        }
        func values(_ name: String) -> [String] { regular.filter { $0.name == name }.map(\.value) }
        guard values("te").allSatisfy({ $0 == "trailers" }), values("host").count <= 1 else { return nil }
        var lines = ["\(method) \(path) HTTP/1.1"]
        if let authority = known[":authority"] {
            lines.append("Host: \(authority)")
            if let host = values("host").first, Array(host.utf8).lowered != Array(authority.utf8).lowered { return nil }
        } else if let host = values("host").first, !isVisible(host) {
            return nil
        }
        for (name, value) in regular where name != "cookie" {
            if name == "host", known[":authority"] != nil { continue }
            lines.append("\(name): \(value)")
        }
        if !values("cookie").isEmpty { lines.append("cookie: \(values("cookie").joined(separator: "; "))") }
        if !endsStream, values("content-length").isEmpty { lines.append("transfer-encoding: chunked") }
        return lines
    }
}
