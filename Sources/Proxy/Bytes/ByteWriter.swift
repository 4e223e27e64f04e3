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
        var shift: UInt64 = 64
        while shift > 0 {
            shift -= 4
            let digit = UInt8(truncatingIfNeeded: value >> shift & 0xF)
            write(byte: digit < 10 ? 0x30 + digit : 0x57 + digit)
        }
    }
}
