import FuzzSupport

@testable import Proxy

/// `CookieFilter`: the first byte's last bit says whether the prefix is used, each further line is the value
/// of one Cookie field.
final class CookieFuzz: FuzzTarget {
    static let name = "cookies"

    private let parser = HeadParsers()
    private let fields = FieldList(capacity: 64)

    func disagreement(_ input: [UInt8]) -> String? {
        guard let first = input.first else { return nil }
        let secure = first & 1 == 1
        // Field values have no control bytes; those that would end the head are left out.
        let values = Array(input.dropFirst()).parts(0x0A).prefix(8).map { $0.filter(ReferenceCharacters.fieldValue.contains).stripped }
        let head =
            Array("GET / HTTP/1.1\r\nHost: a\r\n".utf8) + values.flatMap { Array("Cookie: ".utf8) + $0 + [0x0D, 0x0A] } + [0x0D, 0x0A]
        let reference = ReferenceCookies(values, secure: secure)
        var wrong = Disagreement()
        withView(head) { bytes in
            guard case .head = parser.request.parse(bytes, into: fields) else {
                wrong.expect(false, "the head is refused")
                return
            }
            let session = CookieFilter(secure: secure).scan(fields, bytes)
            wrong.expectEqual(session, reference.token.flatMap { hash($0) }, "session")
            for index in 0..<values.count {
                let field = fields[index + 1]
                let kept = reference.fields[index]
                wrong.expectEqual(field.kind, kept.hasGatewayCookie ? .cookie : .other, "kind of field \(index)")
                wrong.expectEqual(write(field.value(in: bytes)), line(kept.others), "field \(index)")
            }
        }
        for value in values {
            let end = value.firstIndex { $0 == 0x3D || $0 == 0x3B } ?? value.count
            wrong.expectEqual(
                withView(value) { CookieFilter.setsGatewayCookie($0) },
                ReferenceCookies.gatewayNames.contains(Array(value[..<end]).stripped.lowered.text), "Set-Cookie")
        }
        return wrong.text
    }

    private func hash(_ token: [UInt8]) -> SessionTokenHash? { token.withUnsafeBytes { SessionTokenHash(token: $0) } }

    private func write(_ value: ByteView) -> [UInt8] {
        withUnsafeTemporaryAllocation(byteCount: value.count + 64, alignment: 1) { memory in
            var writer = ByteWriter(memory)
            CookieFilter.writeOthers(of: value, to: &writer)
            return Array(memory.prefix(writer.count))
        }
    }

    private func line(_ cookies: [[UInt8]]) -> [UInt8] {
        cookies.isEmpty ? [] : Array("Cookie: ".utf8) + cookies.joined(separator: Array("; ".utf8)) + [0x0D, 0x0A]
    }
}

/// The head parsers with the memory that they need.
final class HeadParsers {
    let request: RequestHeadParser
    let response: ResponseHeadParser
    private let normal = FieldSectionParser.makeNormalTable()

    init() {
        let section = FieldSectionParser(normal: normal)
        request = RequestHeadParser(section: section, names: .request(extra: []), maximumTargetBytes: 1_000)
        response = ResponseHeadParser(section: section)
    }

    deinit { normal.deallocate() }
}
