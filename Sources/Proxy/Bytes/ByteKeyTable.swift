/// An immutable hash table from byte strings to small numbers: open addressing, at most half full.
struct ByteKeyTable: Sendable {
    private struct Slot {
        var hash: UInt64 = 0
        var start: UInt32 = 0
        var length: UInt32 = 0
        var value: Int32 = -1
    }
    private var slots: [Slot]
    private var keys: [UInt8] = []
    private let mask: Int
    let isEmpty: Bool

    /// Later entries with the same key replace earlier ones.
    init(_ entries: [(key: [UInt8], value: Int32)]) {
        var capacity = 8
        while capacity < entries.count * 2 + 1 { capacity *= 2 }
        slots = Array(repeating: Slot(), count: capacity)
        mask = capacity - 1
        isEmpty = entries.isEmpty
        for entry in entries { insert(entry.key, entry.value) }
    }

    private mutating func insert(_ key: [UInt8], _ value: Int32) {
        let hash = ByteHash.of(key)
        var index = Int(truncatingIfNeeded: hash) & mask
        while slots[index].value >= 0 {
            let slot = slots[index]
            if slot.hash == hash, Int(slot.length) == key.count, keys[Int(slot.start)..<Int(slot.start + slot.length)].elementsEqual(key) {
                slots[index].value = value
                return
            }
            index = (index + 1) & mask
        }
        slots[index] = Slot(hash: hash, start: UInt32(keys.count), length: UInt32(key.count), value: value)
        keys.append(contentsOf: key)
    }

    /// The value of the key with this hash and length for whose bytes `byte` agrees at every index.
    @inline(__always)
    func find(hash: UInt64, length: Int, _ byte: (Int) -> UInt8) -> Int32? {
        var index = Int(truncatingIfNeeded: hash) & mask
        while true {
            let slot = slots[index]
            if slot.value < 0 { return nil }
            if slot.hash == hash, Int(slot.length) == length {
                var matches = true
                let start = Int(slot.start)
                for offset in 0..<length where keys[start + offset] != byte(offset) {
                    matches = false
                    break
                }
                if matches { return slot.value }
            }
            index = (index + 1) & mask
        }
    }

    @inline(__always)
    func find(_ view: ByteView, hash: UInt64) -> Int32? {
        find(hash: hash, length: view.count) { view[$0] }
    }
}
