/// A canonical path as a lenient server hands it to its application: path parameters (`;…`) cut off, every
/// escape decoded, repeated slashes one. Only compared, never forwarded: a path that this reading puts on
/// another route than its canonical form would be decided on as one thing and served as another.
enum PathReading {
    /// Whether the reading of `path` can be another one than `path`.
    static func differs(_ path: ByteView) -> Bool {
        path.firstIndex(of: 0x25, from: 0) != nil || path.firstIndex(of: 0x3B, from: 0) != nil
    }

    /// Writes the reading to `out`, which has room for as many bytes as `path`, and returns its length.
    static func make(_ path: ByteView, into out: UnsafeMutablePointer<UInt8>) -> Int {
        var count = 0
        var index = 0
        var isParameter = false
        while index < path.count {
            var byte = path[index]
            index += 1
            if byte == 0x25, let high = path[index].hexValue, let low = path[index + 1].hexValue {
                byte = high << 4 | low
                index += 2
            }
            if byte == 0x2F {
                isParameter = false
                if count > 0, out[count - 1] == 0x2F { continue }
            } else if byte == 0x3B {
                isParameter = true
            }
            if isParameter { continue }
            out[count] = byte
            count += 1
        }
        return count
    }

    /// The reading of a route's prefix; without a final slash, as a prefix is.
    static func of(prefix: [UInt8]) -> [UInt8] {
        prefix.withUnsafeBytes { raw in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(1, prefix.count)) { out in
                guard let base = out.baseAddress else { return [] }
                let reading = out.prefix(make(ByteView(raw), into: base))
                return Array(reading.last == 0x2F ? reading.dropLast() : reading)
            }
        }
    }
}
