/// The three answers of a look-up. A store that can't be asked has not said "absent": whoever takes
/// one for the other logs everybody out when a disk is slow.
public enum Lookup<Value: Sendable>: Sendable {
    case found(Value)
    case absent
    case unknown(StoreError)
}

extension Lookup: Equatable where Value: Equatable {}
