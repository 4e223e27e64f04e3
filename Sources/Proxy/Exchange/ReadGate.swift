/// Whether a handler lets reads of its channel through. One that is asked for while they are held is kept for later.
struct ReadGate {
    private(set) var isHeld = false
    private var isWanted = false

    mutating func hold() { isHeld = true }

    /// `takeWanted` follows.
    mutating func release() { isHeld = false }

    /// Whether a read that is asked for goes on now.
    mutating func passes() -> Bool {
        if isHeld { isWanted = true }
        return !isHeld
    }

    /// Whether a read that was kept is due now. Says so once.
    mutating func takeWanted() -> Bool {
        guard isWanted, !isHeld else { return false }
        isWanted = false
        return true
    }
}
