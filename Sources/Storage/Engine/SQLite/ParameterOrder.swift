/// The numbers of a statement's parameters (`$1`, `$2`, …), each once, in the order in which they first appear.
struct ParameterOrder {
    private(set) var numbers: [Int] = []

    /// No text of ours has a `$` in a literal.
    init(_ sql: String) {
        var number: Int?
        for byte in sql.utf8 {
            if let digits = number, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
                number = digits * 10 + Int(byte - UInt8(ascii: "0"))
                continue
            }
            note(number)
            number = byte == UInt8(ascii: "$") ? 0 : nil
        }
        note(number)
    }

    private mutating func note(_ number: Int?) {
        if let number, !numbers.contains(number) { numbers.append(number) }
    }
}
