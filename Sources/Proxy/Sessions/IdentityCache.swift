/// A bounded map with CLOCK eviction: an entry that was used since the hand last passed gets another round.
final class IdentityCache {
    private let capacity: Int
    private var index: [IdentityKey: Int] = [:]
    private var slots: [CachedIdentity?] = []
    private var free: [Int] = []
    private var hand = 0

    init(capacity: Int) { self.capacity = max(1, capacity) }

    var count: Int { index.count }

    @inline(__always)
    func find(_ key: IdentityKey, authority: ByteView, scheme: Scheme) -> CachedIdentity? {
        guard let slot = index[key], let entry = slots[slot], entry.scheme == scheme, authority.equals(entry.authority) else { return nil }
        entry.wasUsed = true
        return entry
    }

    func insert(_ entry: CachedIdentity) {
        if let slot = index[entry.key] {
            slots[slot] = entry
            return
        }
        let slot = takeSlot()
        slots[slot] = entry
        index[entry.key] = slot
    }

    /// Removes this very entry, not one that replaced it.
    func remove(_ entry: CachedIdentity) {
        guard let slot = index[entry.key], slots[slot] === entry else { return }
        index[entry.key] = nil
        slots[slot] = nil
        free.append(slot)
    }

    func removeAll() {
        index.removeAll()
        slots.removeAll()
        free.removeAll()
        hand = 0
    }

    func removeAll(where condition: (CachedIdentity) -> Bool) {
        for case let entry? in slots where condition(entry) { remove(entry) }
    }

    private func takeSlot() -> Int {
        if let slot = free.popLast() { return slot }
        if slots.count < capacity {
            slots.append(nil)
            return slots.count - 1
        }
        // Ends: a full round clears every mark.
        while true {
            let slot = hand
            hand = hand + 1 == slots.count ? 0 : hand + 1
            guard let entry = slots[slot] else { return slot }
            if entry.wasUsed {
                entry.wasUsed = false
            } else {
                index[entry.key] = nil
                slots[slot] = nil
                return slot
            }
        }
    }
}
