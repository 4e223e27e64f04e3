import Tenancy

/// Writes values so that different ones give different bytes: each text with its length in front, sets sorted.
struct DigestWriter {
    private(set) var bytes: [UInt8] = []

    mutating func integer(_ value: Int64) { withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) } }

    mutating func text(_ value: String) {
        integer(Int64(value.utf8.count))
        bytes.append(contentsOf: value.utf8)
    }

    mutating func flag(_ value: Bool) { bytes.append(value ? 1 : 0) }

    mutating func optional<Value>(_ value: Value?, _ write: (inout DigestWriter, Value) -> Void) {
        flag(value != nil)
        if let value { write(&self, value) }
    }

    mutating func text(_ value: String?) { optional(value) { $0.text($1) } }

    mutating func list(_ values: [String]) {
        integer(Int64(values.count))
        for value in values { text(value) }
    }

    mutating func set(_ values: some Collection<String>) { list(values.count > 1 ? values.sorted(by: Self.precedes) : Array(values)) }
    mutating func roles(_ roles: Set<RoleID>) { set(roles.map(\.rawValue)) }
    mutating func domains(_ domains: Set<EmailDomain>) { set(domains.map(\.rawValue)) }

    mutating func dictionary<Value>(_ values: [String: Value], _ write: (inout DigestWriter, Value) -> Void) {
        integer(Int64(values.count))
        for (key, value) in values.sorted(by: { Self.precedes($0.key, $1.key) }) {
            text(key)
            write(&self, value)
        }
    }

    /// By bytes, so that every machine sorts alike.
    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
