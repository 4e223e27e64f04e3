/// A path in the one form that is matched, decided on and forwarded: escapes of unreserved characters
/// decoded, other escapes in upper case (RFC 3986 §6.2.2), `//` collapsed, dot segments resolved.
///
/// What some server would read as something else than that form is refused: an encoded slash, backslash
/// or NUL, a backslash, `..;`, double escapes of these or of a dot, overlong UTF-8.
enum CanonicalPath {
    struct Rules {
        var keepsRepeatedSlashes = false
        var keepsEncodedSlashes = false
    }

    enum Outcome: Equatable {
        /// The path was canonical already.
        case unchanged
        /// So many bytes were written.
        case rewritten(Int)
        case refused
    }

    struct Result: Equatable {
        var outcome: Outcome
        /// The path has an encoded slash; only routes that keep it may serve it.
        var hasEncodedSlash = false
        /// The path had `//`; for routes that keep it, it has to be made canonical again.
        var hasRepeatedSlash = false
    }

    /// `path` begins with `/` and has only bytes 0x21 to 0x7E. `out` has room for as many bytes as `path`.
    static func make(_ path: ByteView, rules: Rules, into out: UnsafeMutablePointer<UInt8>) -> Result {
        if isPlain(path) { return Result(outcome: .unchanged) }
        var writer = Writer(path: path, rules: rules, out: out)
        return writer.run()
    }

    /// Whether nothing needs to be done, by one cheap look. May say no to a canonical path.
    @inline(__always)
    static func isPlain(_ path: ByteView) -> Bool {
        guard path[0] == 0x2F else { return false }
        var previous: UInt8 = 0
        for index in 0..<path.count {
            let byte = path[index]
            switch byte {
            case 0x25, 0x3B, 0x5C: return false
            case 0x2F, 0x2E: if previous == 0x2F { return false }
            default: if byte <= 0x20 || byte >= 0x7F { return false }
            }
            previous = byte
        }
        return true
    }

    /// The canonical form of a configured path; `nil` for one that no request can have.
    static func canonical(_ text: String, rules: Rules = Rules()) -> [UInt8]? {
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBytes { raw in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(1, bytes.count)) { out in
                guard let base = out.baseAddress, bytes.first == 0x2F else { return nil }
                let result = make(ByteView(raw), rules: rules, into: base)
                guard !result.hasEncodedSlash || rules.keepsEncodedSlashes else { return nil }
                switch result.outcome {
                case .unchanged: return bytes
                case .rewritten(let count): return Array(out.prefix(count))
                case .refused: return nil
                }
            }
        }
    }

    private struct Writer {
        let path: ByteView
        let rules: Rules
        let out: UnsafeMutablePointer<UInt8>
        var count = 0
        var result = Result(outcome: .refused)

        init(path: ByteView, rules: Rules, out: UnsafeMutablePointer<UInt8>) {
            self.path = path
            self.rules = rules
            self.out = out
        }

        /// Never writes more than it has read, so `out` is long enough.
        mutating func run() -> Result {
            guard path[0] == 0x2F else { return result }
            out[0] = 0x2F
            count = 1
            var index = 1
            while true {
                let segmentStart = count
                guard let next = copySegment(from: index) else { return result }
                index = next
                let isLast = index >= path.count
                let segment = ByteView(out + segmentStart, count: count - segmentStart)
                guard !Self.isAmbiguous(segment) else { return result }
                if segment.equals(".") {
                    count = segmentStart
                } else if segment.equals("..") {
                    count = parent(of: segmentStart)
                } else if segment.isEmpty {
                    if !isLast {
                        result.hasRepeatedSlash = true
                        if rules.keepsRepeatedSlashes { slash() }
                    }
                } else if !isLast {
                    slash()
                }
                if isLast { break }
                index += 1
            }
            result.outcome = .rewritten(count)
            return result
        }

        private mutating func slash() {
            out[count] = 0x2F
            count += 1
        }

        /// Copies up to the next `/` or the end, decoding what is to be decoded.
        private mutating func copySegment(from start: Int) -> Int? {
            var index = start
            while index < path.count, path[index] != 0x2F {
                let byte = path[index]
                if byte == 0x25 {
                    guard index + 2 < path.count, let high = path[index + 1].hexValue, let low = path[index + 2].hexValue else {
                        return nil
                    }
                    guard append(escaped: high << 4 | low) else { return nil }
                    index += 3
                } else {
                    guard byte > 0x20, byte < 0x7F, byte != 0x5C else { return nil }
                    out[count] = byte
                    count += 1
                    index += 1
                }
            }
            return index
        }

        private mutating func append(escaped byte: UInt8) -> Bool {
            if byte.isUnreserved {
                out[count] = byte
                count += 1
                return true
            }
            if byte == 0x00 || byte == 0x5C { return false }
            if byte == 0x2F { result.hasEncodedSlash = true }
            out[count] = 0x25
            out[count + 1] = Self.hexDigit(byte >> 4)
            out[count + 2] = Self.hexDigit(byte & 0xF)
            count += 3
            return true
        }

        private static func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x37 + value }

        /// Start of the segment before the one that starts here; the root has no parent.
        private func parent(of segmentStart: Int) -> Int {
            var index = segmentStart - 2
            while index > 0, out[index] != 0x2F { index -= 1 }
            return max(1, index + 1)
        }

        /// Whether another reader would see other segments, or a dot segment, in this one.
        private static func isAmbiguous(_ segment: ByteView) -> Bool {
            if hasDotsBeforeParameter(segment) { return true }
            guard segment.firstIndex(of: 0x25, from: 0) != nil else { return false }
            return hasDoubleEscape(segment) || hasOverlong(segment)
        }

        /// `.` or `..` before a `;` (plain or escaped), or beside an encoded slash.
        private static func hasDotsBeforeParameter(_ segment: ByteView) -> Bool {
            var start = 0
            while start <= segment.count {
                var end = start
                while end < segment.count, !isEscape(segment, end, 0x32, 0x46) { end += 1 }  // %2F
                var stem = start
                while stem < end, segment[stem] != 0x3B, !isEscape(segment, stem, 0x33, 0x42) { stem += 1 }  // ; %3B
                let isWhole = start == 0 && stem == segment.count
                let dots = segment.slice(start, stem)
                if !isWhole, dots.equals(".") || dots.equals("..") { return true }
                if end >= segment.count { break }
                start = end + 3
            }
            return false
        }

        /// Whether decoding again and again comes to a slash, backslash, NUL or dot: `%252e`, `%25252e`,
        /// `%25%2532e`. Escapes never overlap, so that one pass with a stack finds what any order would.
        private static func hasDoubleEscape(_ segment: ByteView) -> Bool {
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(1, segment.count)) { stack in
                var depth = 0
                var index = 0
                while index < segment.count {
                    if segment[index] == 0x25 {
                        // Any other escape was judged already, and is no part of a further one.
                        stack[depth] = isEscape(segment, index, 0x32, 0x35) ? 0x25 : 0
                        index += 3
                    } else {
                        stack[depth] = segment[index]
                        index += 1
                    }
                    depth += 1
                    while depth >= 3, stack[depth - 3] == 0x25, let high = stack[depth - 2].hexValue, let low = stack[depth - 1].hexValue {
                        let byte = high << 4 | low
                        if byte == 0x00 || byte == 0x2E || byte == 0x2F || byte == 0x5C { return true }
                        depth -= 2
                        stack[depth - 1] = byte
                    }
                }
                return false
            }
        }

        /// UTF-8 longer than needed (RFC 3629 §3), which lenient decoders turn into a slash or a dot.
        private static func hasOverlong(_ segment: ByteView) -> Bool {
            var index = 0
            while index < segment.count {
                guard let first = escape(segment, index) else {
                    index += 1
                    continue
                }
                index += 3
                guard let second = escape(segment, index) else { continue }
                let continues = second & 0xC0 == 0x80
                if first == 0xC0 || first == 0xC1, continues { return true }
                if first == 0xE0, continues, second < 0xA0 { return true }
                if first == 0xF0, continues, second < 0x90 { return true }
            }
            return false
        }

        private static func isEscape(_ view: ByteView, _ index: Int, _ high: UInt8, _ low: UInt8) -> Bool {
            view[index] == 0x25 && view[index + 1] == high && view[index + 2] == low
        }

        private static func escape(_ view: ByteView, _ index: Int) -> UInt8? {
            guard view[index] == 0x25, let high = view[index + 1].hexValue, let low = view[index + 2].hexValue else { return nil }
            return high << 4 | low
        }
    }
}
