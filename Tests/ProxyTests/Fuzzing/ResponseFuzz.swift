import FuzzSupport
import NIOCore

@testable import Proxy

/// From an upstream's bytes to what the client gets: `ResponseHeadParser` and `ResponseHeadWriter`. The first
/// byte says whether the request was a HEAD and whether the connection closes; the rest is a head.
final class ResponseFuzz: FuzzTarget {
    static let name = "response"

    private let parsers = HeadParsers()
    private let fields = FieldList(capacity: 12)

    func disagreement(_ input: [UInt8]) -> String? {
        guard let first = input.first else { return nil }
        let bytes = Array(input.dropFirst())
        // The scanner is the request's, too.
        guard case .complete(let end) = ReferenceScan.outcome(bytes, nil), end > 2 else { return nil }
        let head = Array(bytes.prefix(end))
        let reference = ReferenceResponse(head, maximumFields: fields.capacity, isHead: first & 1 == 1, closes: first & 2 == 2)
        var wrong = Disagreement()
        withView(head) { view in
            let found = parsers.response.parse(view, into: fields)
            wrong.expectEqual(found?.status, reference.isAccepted ? reference.status : nil, "status")
            guard wrong.text == nil, let found else { return }
            let framing = found.framing(toHead: first & 1 == 1)
            wrong.expectEqual(framing, reference.framing, "framing")
            wrong.expectEqual(found.isPersistent, reference.isPersistent, "persistence")
            let written = write(found, view, framing, closes: first & 2 == 2)
            wrong.expectEqual(ReferenceScan.outcome(written, nil), .complete(written.count), "end of the written head")
            guard wrong.text == nil else { return }
            let again = ReferenceFields(written)
            wrong.expectEqual(again.faults, [], "faults of the written head")
            wrong.expectEqual(again.startLine, reference.clientStartLine, "written start line")
            wrong.expectEqual(again.fields.map { "\($0.name.text): \($0.value)" }, reference.clientFields, "written fields")
            wrong.expect(
                !again.fields.contains { $0.cgiName.hasPrefix("x-gateway-") && $0.cgiName.utf8.count > 10 }, "a reserved field goes on")
        }
        return wrong.text
    }

    private func write(_ head: ResponseHead, _ bytes: ByteView, _ framing: BodyFraming, closes: Bool) -> [UInt8] {
        let outgoing: ResponseHeadWriter.Framing =
            switch framing {
            case .none: .none
            case .length(let length): .length(length)
            case .chunked: .chunked
            case .untilClose: .untilClose
            }
        var buffer = ByteBuffer()
        let writer = ResponseHeadWriter(bytes: bytes, head: head, fields: fields, framing: outgoing, closes: closes)
        return writer.write(to: &buffer) ? Array(buffer.readableBytesView) : []
    }
}
