@testable import Proxy

/// The lines of a head after RFC 9112 §2-§5, one line at a time.
struct ReferenceFields {
    struct Field {
        let name: [UInt8]
        let value: [UInt8]
        let hasTab: Bool
        var loweredName: String { name.lowered.text }
        var cgiName: String { name.cgiName.text }
    }

    let startLine: [UInt8]
    private(set) var fields: [Field] = []
    /// Everything that is wrong, in no order.
    private(set) var faults: Set<Refusal> = []
    private(set) var length: UInt64?
    private(set) var isChunked = false

    /// `head` ends with its empty line.
    init(_ head: [UInt8]) {
        var lines = head.linesEndedByCRLF()
        startLine = lines.removeFirst()
        for line in lines.dropLast(2) { add(line) }
        readFraming()
    }

    private mutating func add(_ line: [UInt8]) {
        guard let colon = line.firstIndex(of: 0x3A), colon > 0, line[..<colon].allSatisfy(ReferenceCharacters.token.contains) else {
            faults.insert(.fieldName)
            return
        }
        let after = Array(line[(colon + 1)...])
        if !after.allSatisfy(ReferenceCharacters.fieldValue.contains) { faults.insert(.fieldValue) }
        fields.append(Field(name: Array(line[..<colon]), value: after.stripped, hasTab: after.contains(0x09)))
    }

    private mutating func readFraming() {
        let lengths = named("content-length")
        for field in lengths {
            if field.hasTab || field.value.isEmpty || field.value.count > 18 || !field.value.allSatisfy(ReferenceCharacters.digits.contains)
            {
                faults.insert(.contentLength)
            } else {
                length = UInt64(field.value.text)
            }
        }
        let codings = named("transfer-encoding")
        for field in codings where field.hasTab || field.value.lowered.text != "chunked" { faults.insert(.transferEncoding) }
        if lengths.count > 1 { faults.insert(.contentLength) }
        if codings.count > 1 { faults.insert(.transferEncoding) }
        if !lengths.isEmpty, !codings.isEmpty { faults.insert(.framingConflict) }
        isChunked = !codings.isEmpty
    }

    /// Fields with exactly this name, in any case.
    func named(_ name: String) -> [Field] { fields.filter { $0.loweredName == name } }

    /// Names of fields that `Connection` nominates; `close` is none.
    var nominated: Set<String> { connectionOptions.subtracting(["close"]) }

    var connectionOptions: Set<String> { Set(named("connection").flatMap { $0.value.lowered.listElements.map(\.text) }) }
}
