import FuzzSupport
import NIOCore

@testable import Proxy

/// `ChunkedDecoder` and `BodyDecoder`: the first byte says where the rest is cut, the rest is a chunked body
/// and what follows it.
struct ChunkFuzz: FuzzTarget {
    static let name = "chunks"

    private struct Decoded: Equatable {
        var body: [UInt8] = []
        var ending = ReferenceChunks.Ending.incomplete
    }

    func disagreement(_ input: [UInt8]) -> String? {
        guard let first = input.first else { return nil }
        let bytes = Array(input.dropFirst())
        var wrong = Disagreement()
        let reference = ReferenceChunks(bytes)
        func compare(_ found: Decoded, _ how: String) {
            wrong.expectEqual(found.ending, reference.ending, "ending " + how)
            if reference.ending != .malformed { wrong.expectEqual(found.body, reference.body, "body " + how) }
        }
        compare(decode(bytes, pieceSize: max(1, bytes.count)), "at once")
        compare(decode(bytes, pieceSize: Int(first) % 13 + 1), "in equal pieces")
        let cut = bytes.count * Int(first) / 256
        compare(decode(.chunked, [bytes[..<cut], bytes[cut...]]), "in two buffers")

        let length = Int(first) / 2
        let found = decode(.length(UInt64(length)), [bytes[..<cut], bytes[cut...]])
        wrong.expectEqual(found.body, Array(bytes.prefix(length)), "body of a length")
        let ending = length <= bytes.count ? ReferenceChunks.Ending.complete(rest: Array(bytes.dropFirst(length))) : .incomplete
        wrong.expectEqual(found.ending, ending, "ending of a length")
        return wrong.text
    }

    private func decode(_ bytes: [UInt8], pieceSize: Int) -> Decoded {
        var decoder = ChunkedDecoder()
        var decoded = Decoded()
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + pieceSize)
            let piece = Array(bytes[start..<end])
            var index = 0
            reading: while true {
                switch withView(piece, { decoder.next($0, &index) }) {
                case .data(let count):
                    decoded.body += piece[index..<index + count]
                    index += count
                case .needMore: break reading
                case .malformed:
                    decoded.ending = .malformed
                    return decoded
                case .end:
                    decoded.ending = .complete(rest: Array(bytes[(start + index)...]))
                    return decoded
                }
            }
            start = end
        }
        return decoded
    }

    private func decode(_ framing: BodyFraming, _ pieces: [ArraySlice<UInt8>]) -> Decoded {
        var decoder = BodyDecoder(framing)
        var decoded = Decoded()
        var buffer = ByteBuffer()
        for piece in pieces {
            buffer.writeBytes(piece)
            reading: while true {
                switch decoder.next(&buffer) {
                case .data(let data): data.withUnsafeReadableBytes { decoded.body.append(contentsOf: $0) }
                case .needMore: break reading
                case .malformed:
                    decoded.ending = .malformed
                    return decoded
                case .end:
                    decoded.ending = .complete(rest: [])
                    break reading
                }
            }
        }
        if case .complete = decoded.ending { decoded.ending = .complete(rest: Array(buffer.readableBytesView)) }
        return decoded
    }
}
