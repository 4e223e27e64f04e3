import Glibc

/// Borrowed bytes. A read outside is a NUL, which no grammar here accepts: neither a trap, which would
/// take down every tenant, nor a stray byte. Valid only inside the closure that lent the memory.
struct ByteView {
    let raw: UnsafeRawBufferPointer

    @inline(__always)
    init(_ raw: UnsafeRawBufferPointer) { self.raw = raw }

    @inline(__always)
    init(_ base: UnsafeMutablePointer<UInt8>, count: Int) {
        raw = UnsafeRawBufferPointer(start: base, count: count)
    }

    @inline(__always)
    var count: Int { raw.count }

    @inline(__always)
    var isEmpty: Bool { raw.count == 0 }

    @inline(__always)
    subscript(index: Int) -> UInt8 {
        UInt(bitPattern: index) < UInt(bitPattern: raw.count) ? raw[index] : 0
    }

    /// From `start` to before `end`, clamped to what is there. Not a `Range`: making one of bounds in the
    /// wrong order traps.
    @inline(__always)
    func slice(_ start: Int, _ end: Int) -> ByteView {
        let lower = max(0, min(start, raw.count))
        let upper = max(lower, min(end, raw.count))
        return ByteView(UnsafeRawBufferPointer(rebasing: raw[Range(uncheckedBounds: (lower, upper))]))
    }

    @inline(__always)
    func slice(_ range: ByteRange) -> ByteView { slice(range.start, range.end) }

    /// Eight bytes as a little-endian word, or `nil` where fewer are left.
    @inline(__always)
    func word(at index: Int) -> UInt64? {
        guard index >= 0, raw.count >= 8, index <= raw.count - 8 else { return nil }
        return UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
    }

    /// Index of the first `byte` in `start..<count`.
    @inline(__always)
    func firstIndex(of byte: UInt8, from start: Int) -> Int? {
        guard start >= 0, start < raw.count, let base = raw.baseAddress,
            let found = memchr(base + start, Int32(byte), raw.count - start)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }

    func equals(_ other: ByteView) -> Bool {
        guard count == other.count else { return false }
        guard count > 0, let left = raw.baseAddress, let right = other.raw.baseAddress else { return true }
        return memcmp(left, right, count) == 0
    }

    func equals(_ other: [UInt8]) -> Bool {
        other.withUnsafeBytes { equals(ByteView($0)) }
    }

    func hasPrefix(_ prefix: [UInt8]) -> Bool {
        guard count >= prefix.count else { return false }
        return slice(0, prefix.count).equals(prefix)
    }

    @inline(__always)
    func equals(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        guard count > 0, let base = raw.baseAddress else { return true }
        return memcmp(base, text.utf8Start, count) == 0
    }

    func hasPrefix(_ text: StaticString) -> Bool {
        guard count >= text.utf8CodeUnitCount else { return false }
        return slice(0, text.utf8CodeUnitCount).equals(text)
    }

    /// Whether this is `text`, which is lower case, in any ASCII case.
    @inline(__always)
    func equalsIgnoringCase(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for index in 0..<count where raw[index].asciiLowercased != text.utf8Start[index] { return false }
        return true
    }

    /// Whether this is `text`, which is lower case, in any ASCII case.
    func equalsLowercase(_ text: [UInt8]) -> Bool {
        guard count == text.count else { return false }
        for index in 0..<count where raw[index].asciiLowercased != text[index] { return false }
        return true
    }

    /// Without spaces and tabs at both ends (OWS, RFC 9110 §5.6.3).
    func trimmed() -> ByteView {
        var lower = 0
        var upper = count
        while lower < upper, self[lower].isSpaceOrTab { lower += 1 }
        while upper > lower, self[upper - 1].isSpaceOrTab { upper -= 1 }
        return slice(lower, upper)
    }

    var string: String { String(decoding: raw, as: UTF8.self) }
    var array: [UInt8] { Array(raw) }
}

/// A part of some bytes. Bounds in the wrong order mean nothing.
struct ByteRange {
    var start = 0
    var end = 0
    var isEmpty: Bool { end <= start }
}

extension UInt8 {
    @inline(__always)
    var asciiLowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }
    @inline(__always)
    var isDigit: Bool { self &- 0x30 < 10 }
    @inline(__always)
    var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }
    @inline(__always)
    var isSpaceOrTab: Bool { self == 0x20 || self == 0x09 }
    @inline(__always)
    var hexValue: UInt8? {
        if isDigit { return self &- 0x30 }
        let lower = self | 0x20
        return lower &- 0x61 < 6 ? lower &- 0x61 &+ 10 : nil
    }
    /// tchar of RFC 9110 §5.6.2.
    var isToken: Bool {
        if isDigit || isLetter { return true }
        switch self {
        case 0x21, 0x23, 0x24, 0x25, 0x26, 0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E, 0x5F, 0x60, 0x7C, 0x7E: return true
        default: return false
        }
    }
    /// unreserved of RFC 3986 §2.3.
    @inline(__always)
    var isUnreserved: Bool { isDigit || isLetter || self == 0x2D || self == 0x2E || self == 0x5F || self == 0x7E }
}
