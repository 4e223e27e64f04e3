/// FNV-1a with a final mix. Only used for tables whose keys come from the configuration, so that nobody
/// outside can fill one.
struct ByteHash {
    private(set) var state: UInt64 = 0xCBF2_9CE4_8422_2325

    @inline(__always)
    mutating func add(_ byte: UInt8) { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }

    @inline(__always)
    var value: UInt64 {
        let mixed = (state ^ (state >> 32)) &* 0x9E37_79B9_7F4A_7C15
        return mixed ^ (mixed >> 29)
    }

    static func of(_ view: ByteView) -> UInt64 {
        var hash = ByteHash()
        for index in 0..<view.count { hash.add(view[index]) }
        return hash.value
    }

    static func of(_ bytes: [UInt8]) -> UInt64 { bytes.withUnsafeBytes { of(ByteView($0)) } }
}
