/// The first of some promises that does not hold.
public struct Disagreement {
    public private(set) var text: String?

    public init() {}

    /// Notes what is wrong, unless something was already.
    public mutating func expect(_ holds: Bool, _ wrong: @autoclosure () -> String) {
        if text == nil, !holds { text = wrong() }
    }

    public mutating func expectEqual<Value: Equatable>(_ found: Value, _ reference: Value, _ what: String) {
        if text == nil, found != reference { text = "\(what): \(found), by the reference \(reference)" }
    }
}
