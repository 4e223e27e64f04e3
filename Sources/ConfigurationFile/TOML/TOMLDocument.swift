import CTOML

/// Turns text into a `TOMLNode`. The C tree lives only inside `parse`; nothing of it comes out.
enum TOMLDocument {
    /// What a whole `gateway.conf` may have, in bytes: some fifty times a file with 1,000 organizations.
    /// Costs about ten times as much memory while it is read.
    static let maximumBytes = 64 * 1024 * 1024

    /// The root table, or the one problem that made the text unreadable: after a syntax error nothing
    /// that follows can be trusted to mean what it says.
    static func parse(_ text: String) -> Result<TOMLNode, Problem> {
        var text = text
        return text.withUTF8 { bytes in
            guard bytes.count <= maximumBytes else {
                return .failure(Problem(line: 1, "the file is larger than \(maximumBytes) bytes"))
            }
            var error = ctoml_error()
            let tree = bytes.withMemoryRebound(to: CChar.self) { ctoml_parse($0.baseAddress, $0.count, &error) }
            guard let tree else { return .failure(Problem(error)) }
            return .success(Tree(tree).converted())
        }
    }

    /// One pointer, one owner, one `deinit`.
    private struct Tree: ~Copyable {
        private let pointer: OpaquePointer

        init(_ pointer: OpaquePointer) { self.pointer = pointer }
        deinit { ctoml_free(pointer) }

        borrowing func converted() -> TOMLNode { TOMLDocument.convert(ctoml_root(pointer)) }
    }

    /// Recursive: `ctoml_maximum_dots_per_line` and `ctoml_maximum_nested_values` bound the depth.
    private static func convert(_ node: OpaquePointer?) -> TOMLNode {
        guard let node else { return TOMLNode(line: 0, value: .unknown) }
        return TOMLNode(line: Int(ctoml_line_of(node)), value: value(of: node))
    }

    private static func value(of node: OpaquePointer) -> TOMLNode.Value {
        switch ctoml_type_of(node) {
        case .table: .table(entries(of: node))
        case .array: .array((0..<ctoml_count_of(node)).map { convert(ctoml_element_of(node, $0)) })
        case .string: .string(String(ctoml_string_of(node)))
        case .integer: .integer(ctoml_integer_of(node))
        case .float: .float(ctoml_float_of(node))
        case .boolean: .boolean(ctoml_boolean_of(node))
        case .date_time: .dateTime(CivilDateTime(ctoml_date_time_of(node)))
        case .partial_time: .partialTime
        case .unknown: .unknown
        }
    }

    /// In the order of the file, so that messages and derived values don't depend on the library's order.
    private static func entries(of node: OpaquePointer) -> [TOMLEntry] {
        var entries: [TOMLEntry] = []
        withUnsafeMutablePointer(to: &entries) { list in
            ctoml_visit(
                node,
                { context, key, line, value in
                    guard let list = context?.assumingMemoryBound(to: [TOMLEntry].self) else { return }
                    let node = TOMLDocument.convert(value)
                    list.pointee.append(TOMLEntry(key: String(key), line: line == 0 ? node.line : Int(line), node: node))
                }, list)
        }
        return entries.sorted { ($0.line, $0.key) < ($1.line, $1.key) }
    }
}

extension String {
    /// The parser has already refused what is not UTF-8.
    fileprivate init(_ text: ctoml_text) {
        guard let bytes = text.bytes else { self = ""; return }
        self = bytes.withMemoryRebound(to: UInt8.self, capacity: text.length) {
            String(decoding: UnsafeBufferPointer(start: $0, count: text.length), as: UTF8.self)
        }
    }
}

extension Problem {
    fileprivate init(_ error: ctoml_error) {
        let message = withUnsafeBytes(of: error.message) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        self.init(line: max(1, Int(error.line)), "not valid TOML, and nothing after it was checked: \(message) (column \(error.column))")
    }
}

extension CivilDateTime {
    fileprivate init(_ time: ctoml_date_time) {
        self.init(
            year: Int(time.year), month: Int(time.month), day: Int(time.day), hour: Int(time.hour),
            minute: Int(time.minute), second: Int(time.second), millisecond: Int(time.nanosecond / 1_000_000),
            offsetMinutes: time.has_offset ? Int(time.offset_minutes) : nil)
    }
}
