/// A value and the line that it stands on.
struct Located<Value> {
    var value: Value
    var line: Int

    func map<Other>(_ transform: (Value) -> Other) -> Located<Other> { Located<Other>(value: transform(value), line: line) }
}

extension Located: Equatable where Value: Equatable {}
extension Located: Sendable where Value: Sendable {}
