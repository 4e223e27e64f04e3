import FoundationEssentials
import Glibc
import Logging

/// One JSON object per line on standard error. Messages are constant text; what varies is metadata.
/// Control characters are escaped, so that nothing from outside can forge a line (ECMA-404 §9).
struct JSONLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info
    let label: String

    init(label: String) { self.label = label }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line = "{\"time\":\"" + Self.timestamp() + "\",\"level\":\"\(event.level)\",\"message\":"
        line += Self.quoted(event.message.description)
        let all = metadata.merging(event.metadata ?? [:]) { _, own in own }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) {
            line += "," + Self.quoted(key) + ":" + Self.quoted(value.description)
        }
        line += "}\n"
        // One write a line: lines of several threads don't mix. A full or closed pipe loses the line, not the process.
        Self.write(Array(line.utf8))
    }

    /// Whole lines, on standard error, as many at once as a pipe takes in one piece.
    static func write(_ lines: [UInt8]) {
        lines.withUnsafeBytes { memory in
            var start = 0
            while start < memory.count {
                var end = min(start + Int(PIPE_BUF), memory.count)
                if end < memory.count { end = memory[start..<end].lastIndex(of: 0x0A).map { $0 + 1 } ?? lineEnd(memory, from: end) }
                _ = Glibc.write(STDERR_FILENO, memory.baseAddress.map { $0 + start }, end - start)
                start = end
            }
        }
    }

    private static func lineEnd(_ memory: UnsafeRawBufferPointer, from start: Int) -> Int {
        memory[start...].firstIndex(of: 0x0A).map { $0 + 1 } ?? memory.count
    }

    private static func timestamp() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        gmtime_r(&now.tv_sec, &parts)
        func padded(_ value: some BinaryInteger, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        return padded(parts.tm_year + 1900, 4) + "-" + padded(parts.tm_mon + 1, 2) + "-" + padded(parts.tm_mday, 2) + "T"
            + padded(parts.tm_hour, 2) + ":" + padded(parts.tm_min, 2) + ":" + padded(parts.tm_sec, 2) + "."
            + padded(now.tv_nsec / 1_000_000, 3) + "Z"
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case _
            where scalar.value < 0x20 || scalar.value == 0x7F || (0x80...0x9F).contains(scalar.value)
                || scalar.value == 0x2028 || scalar.value == 0x2029:
                let hex = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
