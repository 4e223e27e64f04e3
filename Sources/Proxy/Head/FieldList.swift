/// One field of a head, as offsets.
struct Field {
    var nameStart: UInt32
    var nameEnd: UInt32
    /// Value without the white space around it.
    var valueStart: UInt32
    var valueEnd: UInt32
    /// After the CRLF.
    var lineEnd: UInt32
    var kind: HeaderKind

    @inline(__always)
    func name(in view: ByteView) -> ByteView { view.slice(Int(nameStart), Int(nameEnd)) }
    @inline(__always)
    func value(in view: ByteView) -> ByteView { view.slice(Int(valueStart), Int(valueEnd)) }
}

/// The fields of one head. One list per loop and direction, used again for every head.
final class FieldList {
    let capacity: Int
    private let storage: UnsafeMutablePointer<Field>
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = max(1, capacity)
        storage = .allocate(capacity: self.capacity)
    }

    deinit { storage.deallocate() }

    @inline(__always)
    func removeAll() { count = 0 }

    /// False when full.
    @inline(__always)
    func append(_ field: Field) -> Bool {
        guard count < capacity else { return false }
        storage[count] = field
        count += 1
        return true
    }

    /// An index outside gives the first field's memory never: it gives an empty field.
    @inline(__always)
    subscript(index: Int) -> Field {
        guard index >= 0, index < count else {
            return Field(nameStart: 0, nameEnd: 0, valueStart: 0, valueEnd: 0, lineEnd: 0, kind: .hopByHop)
        }
        return storage[index]
    }

    @inline(__always)
    func setKind(_ kind: HeaderKind, at index: Int) {
        guard index >= 0, index < count else { return }
        storage[index].kind = kind
    }
}
