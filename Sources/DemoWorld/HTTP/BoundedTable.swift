/// A dictionary that forgets its oldest entries, so that no client can make it grow for ever.
struct BoundedTable<Value> {
    private let capacity: Int
    private var values: [String: Value] = [:]
    /// Keys in order of arrival; some may have been removed since.
    private var arrivals: [String] = []

    init(capacity: Int) { self.capacity = capacity }

    subscript(key: String) -> Value? { values[key] }

    mutating func insert(_ value: Value, for key: String) {
        if values.updateValue(value, forKey: key) == nil { arrivals.append(key) }
        guard arrivals.count > capacity else { return }
        // Half at a time: moving the rest down once per `capacity / 2` insertions costs nothing to speak of.
        arrivals = arrivals.filter { values[$0] != nil }
        for key in arrivals.dropLast(capacity / 2) { values[key] = nil }
        arrivals = Array(arrivals.suffix(capacity / 2))
    }

    @discardableResult
    mutating func remove(_ key: String) -> Value? { values.removeValue(forKey: key) }
}
