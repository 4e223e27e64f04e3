import NIOHPACK

/// Trailer sections of HTTP/2 (RFC 9113 §8.1) as the field lines that everything else here has.
enum HTTP2Trailers {
    /// Field lines without the empty one; `nil`: malformed, or larger than those of HTTP/1.1 may be.
    static func lines(of headers: HPACKHeaders) -> [UInt8]? {
        var lines: [UInt8] = []
        for (name, value, _) in headers {
            // There are no pseudo-header fields in trailers, and `:` is in no name.
            guard HTTP2Field.isName(name), HTTP2Field.isValue(value), !HTTP2Field.isOfConnection(name) else { return nil }
            lines += name.utf8
            lines += [0x3A, 0x20]
            lines += value.utf8
            lines += [0x0D, 0x0A]
            guard lines.count <= ChunkedDecoder.maximumTrailerBytes else { return nil }
        }
        return lines
    }

    /// From field lines that were parsed before.
    static func headers(from lines: [UInt8]) -> HPACKHeaders {
        var headers = HPACKHeaders()
        lines.withUnsafeBytes { raw in
            var rest = FieldLines(ByteView(raw))
            while let line = rest.next() { headers.add(name: HTTP2Field.lowercased(line.name), value: line.value.string) }
        }
        return headers
    }
}

/// The lines of a field section that the parser has accepted, or that was written here.
struct FieldLines {
    private let view: ByteView
    private var index = 0

    init(_ view: ByteView) { self.view = view }

    /// `nil` at the end, and at an empty line.
    mutating func next() -> (name: ByteView, value: ByteView)? {
        guard let lineFeed = view.firstIndex(of: 0x0A, from: index) else { return nil }
        let line = view.slice(index, lineFeed - 1)
        guard let colon = line.firstIndex(of: 0x3A, from: 0) else { return nil }
        index = lineFeed + 1
        return (line.slice(0, colon), line.slice(colon + 1, line.count).trimmed())
    }
}
