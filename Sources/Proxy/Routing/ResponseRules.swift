/// What a route does to the header of its application's responses: some names are removed, and what
/// replaces them is added.
struct ResponseRules: Sendable {
    /// Lower case.
    private let names: [[UInt8]]
    /// Field lines to add.
    let block: [UInt8]
    /// The same, apart; names in lower case.
    let fields: [(name: String, value: String)]

    /// `nil`: nothing to do.
    init?(_ headers: [Route.ResponseHeader]) {
        guard !headers.isEmpty else { return nil }
        names = headers.map { $0.name.utf8.map(\.asciiLowercased) }
        let added = headers.filter { !$0.value.isEmpty }
        block = added.flatMap { Array("\($0.name): \($0.value)\r\n".utf8) }
        fields = added.map { ($0.name.lowercased(), $0.value) }
    }

    /// Marks the fields of a head that are replaced or removed, so that no transport sends them.
    func apply(to fields: FieldList, _ bytes: ByteView) {
        for index in 0..<fields.count where fields[index].kind == .other {
            let name = fields[index].name(in: bytes)
            if names.contains(where: { name.equalsLowercase($0) }) { fields.setKind(.reserved, at: index) }
        }
    }
}
