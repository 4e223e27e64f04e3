import Tenancy

/// One table of the file, read by key. Whatever is wrong with a value is reported here, once; the reader
/// gets `nil` and goes on.
struct Section<Key: SectionKey> {
    /// Of the heading, or of the value that is the table.
    let line: Int
    let problems: ProblemList
    /// A dozen at most: looking through them costs less than hashing a key.
    private let entries: [(key: Key, entry: TOMLEntry)]

    /// Text of one value, in bytes, unless a key says otherwise.
    static var maximumTextBytes: Int { 2048 }

    /// Reports every key that is not one of `Key`.
    init(_ table: [TOMLEntry], line: Int, problems: ProblemList) {
        var entries: [(key: Key, entry: TOMLEntry)] = []
        entries.reserveCapacity(table.count)
        for entry in table {
            if let key = Key(rawValue: entry.key) {
                entries.append((key, entry))
            } else {
                problems.error(entry.line, Self.unknown(entry.key))
            }
        }
        self.line = line
        self.problems = problems
        self.entries = entries
    }

    private static func unknown(_ key: String) -> String {
        let shown = Shown.text(key)
        let nearest = Nearest.name(to: key, among: Key.allCases.map(\.rawValue))
        if let nearest, Nearest.isSlip(nearest.distance, in: key) { return "unknown key `\(shown)`; did you mean `\(nearest.name)`?" }
        let homes = KnownKeys.tables.filter { $0.keys.contains(key) }.map(\.heading)
        if !homes.isEmpty {
            return
                "unknown key `\(shown)` here: it belongs under \(homes.joined(separator: " or ")), and a key belongs to the heading above it"
        }
        return "unknown key `\(shown)`: remove it (the nearest valid one here is `\(nearest?.name ?? "")`)"
    }

    func entry(_ key: Key) -> TOMLEntry? { entries.first { $0.key == key }?.entry }
    func has(_ key: Key) -> Bool { entries.contains { $0.key == key } }
    /// In file order.
    var keys: [Key] { entries.map(\.key) }
    /// The key's, or the table's where the key is absent.
    func line(of key: Key) -> Int { entry(key)?.line ?? line }

    func error(_ key: Key, _ message: String) { problems.error(line(of: key), "`\(key.rawValue)`: \(message)") }

    /// Reports its absence.
    func require(_ key: Key) {
        if !has(key) { problems.error(line, "\(Key.heading) needs `\(key.rawValue)`") }
    }

    private func mismatch(_ key: String, _ node: TOMLNode, wanted: String) {
        problems.error(node.line, "`\(key)` must be \(wanted), not \(node.typeName)")
    }

    // MARK: Text

    /// One line of text, not empty.
    func string(_ key: Key, maximumBytes: Int = Section.maximumTextBytes) -> Located<String>? {
        guard let entry = entry(key) else { return nil }
        return string(entry.node, of: key.rawValue, maximumBytes: maximumBytes).map { Located(value: $0, line: entry.line) }
    }

    private func string(_ node: TOMLNode, of key: String, maximumBytes: Int = Section.maximumTextBytes) -> String? {
        guard case .string(let text) = node.value else { mismatch(key, node, wanted: "a string"); return nil }
        if text.isEmpty {
            problems.error(node.line, "`\(key)` is empty: give it a value or remove it")
        } else if text.utf8.count > maximumBytes {
            problems.error(node.line, "`\(key)` is longer than \(maximumBytes) bytes")
        } else if text.hasControlCharacters {
            problems.error(node.line, "`\(key)` has a control or invisible character: remove it")
        } else {
            return text
        }
        return nil
    }

    /// Text of several lines, not checked further; for keys that hold PEM or a secret. Never echoed.
    func multilineText(_ key: Key) -> Located<String>? {
        guard let entry = entry(key) else { return nil }
        guard case .string(let text) = entry.node.value else { mismatch(key.rawValue, entry.node, wanted: "a string"); return nil }
        return Located(value: text, line: entry.line)
    }

    /// Text that `parse` turns into a value.
    func parsed<Value>(_ key: Key, _ parse: (String) -> Result<Value, Advice>) -> Located<Value>? {
        guard let text = string(key) else { return nil }
        return parsed(text, of: key, parse)
    }

    func parsed<Value>(_ text: Located<String>, of key: Key, _ parse: (String) -> Result<Value, Advice>) -> Located<Value>? {
        switch parse(text.value) {
        case .success(let value): return Located(value: value, line: text.line)
        case .failure(let advice):
            problems.error(text.line, "`\(key.rawValue)`: \"\(Shown.text(text.value))\": \(advice.text)")
            return nil
        }
    }

    /// One of a closed list of words.
    func word<Word: RawRepresentable<String> & CaseIterable>(_ key: Key, _: Word.Type) -> Located<Word>? {
        parsed(key) { text in
            if let word = Word(rawValue: text) { return .success(word) }
            let all = Word.allCases.map(\.rawValue)
            let hint = Nearest.suggestion(for: text, among: all)
            return .failure(Advice("write one of \(all.joined(separator: ", "))\(hint)"))
        }
    }

    // MARK: Lists and tables

    /// A list of texts, none twice. `nil` where the key is absent or no list.
    func strings(_ key: Key) -> [Located<String>]? {
        guard let entry = entry(key) else { return nil }
        return strings(entry.node, of: key.rawValue)
    }

    private func strings(_ node: TOMLNode, of key: String) -> [Located<String>]? {
        guard case .array(let nodes) = node.value else { mismatch(key, node, wanted: "a list of strings"); return nil }
        var seen: Set<String> = []
        return nodes.compactMap { node in
            guard let text = string(node, of: key) else { return nil }
            guard nodes.count == 1 || seen.insert(text).inserted else {
                problems.error(node.line, "`\(key)` has \"\(Shown.text(text))\" twice: remove one")
                return nil
            }
            return Located(value: text, line: node.line)
        }
    }

    func parsedList<Value>(_ key: Key, _ parse: (String) -> Result<Value, Advice>) -> [Located<Value>]? {
        strings(key)?.compactMap { parsed($0, of: key, parse) }
    }

    /// The entries of a table with names of the operator's choice.
    func table(_ key: Key) -> [TOMLEntry]? {
        guard let entry = entry(key) else { return nil }
        guard case .table(let entries) = entry.node.value else {
            mismatch(key.rawValue, entry.node, wanted: "a table such as { name = value }")
            return nil
        }
        return entries.filter { entry in
            guard !entry.key.isEmpty, entry.key.utf8.count <= 256, !entry.key.hasControlCharacters else {
                problems.error(entry.line, "`\(key.rawValue)` has a name that is empty, longer than 256 bytes, or with control characters")
                return false
            }
            return true
        }
    }

    /// `{ name = "text" }`
    func stringTable(_ key: Key, allowsEmptyText: Bool = false) -> [(name: String, text: Located<String>)]? {
        table(key)?.compactMap { entry in
            if allowsEmptyText, entry.node.value == .string("") { return (entry.key, Located(value: "", line: entry.line)) }
            return string(entry.node, of: "\(key.rawValue).\(entry.key)").map { (entry.key, Located(value: $0, line: entry.line)) }
        }
    }

    /// `{ name = ["text"] }`
    func stringListTable(_ key: Key) -> [(name: Located<String>, texts: [Located<String>])]? {
        table(key)?.compactMap { entry in
            strings(entry.node, of: "\(key.rawValue).\(entry.key)").map { (Located(value: entry.key, line: entry.line), $0) }
        }
    }

    /// A table with keys of its own, `[a.b]` or `b = { … }`.
    func section<Inner: SectionKey>(_ key: Key, _: Inner.Type) -> Section<Inner>? {
        guard let entry = entry(key) else { return nil }
        guard case .table(let table) = entry.node.value else {
            if case .array = entry.node.value {
                problems.error(entry.node.line, "there is one `\(key.rawValue)`: write \(Inner.heading), with single brackets")
            } else {
                mismatch(key.rawValue, entry.node, wanted: "a table")
            }
            return nil
        }
        return Section<Inner>(table, line: entry.node.line, problems: problems)
    }

    /// Tables written `[[key]]`, or a list of inline tables; empty where the key is absent.
    func sections<Inner: SectionKey>(_ key: Key, _: Inner.Type) -> [Section<Inner>] {
        guard let entry = entry(key) else { return [] }
        guard case .array(let nodes) = entry.node.value else {
            if case .table = entry.node.value {
                problems.error(entry.node.line, "there can be several `\(key.rawValue)`: write \(Inner.heading), with double brackets")
            } else {
                mismatch(key.rawValue, entry.node, wanted: "a list of tables")
            }
            return []
        }
        return nodes.compactMap { node in
            guard case .table(let table) = node.value else { mismatch(key.rawValue, node, wanted: "a list of tables"); return nil }
            return Section<Inner>(table, line: node.line, problems: problems)
        }
    }

    // MARK: Numbers, truth, time

    func boolean(_ key: Key) -> Bool? {
        guard let entry = entry(key) else { return nil }
        guard case .boolean(let value) = entry.node.value else {
            mismatch(key.rawValue, entry.node, wanted: "true or false")
            return nil
        }
        return value
    }

    func integer(_ key: Key, in range: ClosedRange<Int>) -> Int? {
        guard let entry = entry(key) else { return nil }
        guard case .integer(let value) = entry.node.value else {
            mismatch(key.rawValue, entry.node, wanted: "a whole number")
            return nil
        }
        guard let number = Int(exactly: value), range.contains(number) else {
            problems.error(entry.line, "`\(key.rawValue)` must be from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    /// Above 0 and at most 1.
    func fraction(_ key: Key) -> Double? {
        guard let entry = self.entry(key) else { return nil }
        let number: Double
        switch entry.node.value {
        case .float(let value): number = value
        case .integer(let value): number = Double(value)
        case .table, .array, .string, .boolean, .dateTime, .partialTime, .unknown:
            mismatch(key.rawValue, entry.node, wanted: "a number")
            return nil
        }
        guard number > 0, number <= 1 else {
            problems.error(entry.line, "`\(key.rawValue)` must be above 0 and at most 1")
            return nil
        }
        return number
    }

    func duration(_ key: Key, in range: ClosedRange<Duration>) -> Located<Duration>? {
        guard let entry = entry(key) else { return nil }
        if case .integer(let number) = entry.node.value {
            problems.error(entry.line, "`\(key.rawValue)`: a duration is a string with a unit: write \"\(number)s\" for seconds")
            return nil
        }
        guard
            let value = parsed(
                key,
                { text in
                    DurationText.parse(text).map { .success($0) }
                        ?? .failure(Advice("write a whole number and one unit (ms, s, m, h, d), such as \"15m\""))
                })
        else { return nil }
        guard range.contains(value.value) else {
            let bounds = "\(DurationText.text(range.lowerBound)) to \(DurationText.text(range.upperBound))"
            problems.error(entry.line, "`\(key.rawValue)` must be from \(bounds)")
            return nil
        }
        return value
    }

    /// A TOML date-time with an offset, or RFC 3339 text.
    func instant(_ key: Key) -> Instant? {
        guard let entry = entry(key) else { return nil }
        let time: CivilDateTime?
        switch entry.node.value {
        case .dateTime(let value): time = value
        case .string(let text): time = CivilDateTime(rfc3339: text)
        case .table, .array, .integer, .float, .boolean, .partialTime, .unknown: time = nil
        }
        guard let instant = time?.instant else {
            error(key, "write a date and time with an offset, such as 2024-05-01T09:00:00Z")
            return nil
        }
        return instant
    }
}

/// Text of the file in a message.
enum Shown {
    /// At most 80 characters, control characters as `?`.
    static func text(_ text: String) -> String {
        let clean = String(
            String.UnicodeScalarView(
                text.unicodeScalars.prefix(80).map { scalar in
                    String(scalar).hasControlCharacters ? "?" : scalar
                }))
        return text.unicodeScalars.count > 80 ? clean + "…" : clean
    }
}
