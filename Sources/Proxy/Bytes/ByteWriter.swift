import Glibc

/// Appends to memory whose size was worked out before. What does not fit is not written and is
/// remembered, so that a wrong estimate ends one request, not the process.
struct ByteWriter {
    private let base: UnsafeMutableRawPointer?
    private let capacity: Int
    private(set) var count = 0
    private(set) var overflowed = false

    @inline(__always)
    init(_ buffer: UnsafeMutableRawBufferPointer) {
        base = buffer.baseAddress
        capacity = buffer.count
    }

    @inline(__always)
    mutating func write(_ source: UnsafeRawBufferPointer) {
        guard source.count > 0, let from = source.baseAddress else { return }
        guard let base, source.count <= capacity - count else {
            overflowed = true
            return
        }
        memcpy(base + count, from, source.count)
        count += source.count
    }

    @inline(__always)
    mutating func write(_ view: ByteView) { write(view.raw) }

    @inline(__always)
    mutating func write(_ text: StaticString) {
        write(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    @inline(__always)
    mutating func write(_ bytes: [UInt8]) { bytes.withUnsafeBytes { write($0) } }

    @inline(__always)
    mutating func write(byte: UInt8) {
        guard let base, count < capacity else {
            overflowed = true
            return
        }
        base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    mutating func write(decimal value: UInt64) {
        var divisor: UInt64 = 1
        while value / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            write(byte: 0x30 + UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
    }

    /// Lower-case hexadecimal, sixteen digits.
    @inline(__always)
    mutating func write(hex value: UInt64) {
        guard let base, 16 <= capacity - count else {
            overflowed = true
            return
        }
        let digits = (Self.digits(UInt32(truncatingIfNeeded: value >> 32)), Self.digits(UInt32(truncatingIfNeeded: value)))
        base.storeBytes(of: digits.0.bigEndian, toByteOffset: count, as: UInt64.self)
        base.storeBytes(of: digits.1.bigEndian, toByteOffset: count + 8, as: UInt64.self)
        count += 16
    }

    /// Eight characters in one word: a nibble in each byte, and for those over nine the way from `:` to `a` added.
    @inline(__always)
    private static func digits(_ value: UInt32) -> UInt64 {
        var spread = UInt64(value)
        spread = (spread | spread << 16) & 0x0000_FFFF_0000_FFFF
        spread = (spread | spread << 8) & 0x00FF_00FF_00FF_00FF
        spread = (spread | spread << 4) & 0x0F0F_0F0F_0F0F_0F0F
        let letters = (spread &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return spread &+ 0x3030_3030_3030_3030 &+ letters &* 0x27
    }
}
