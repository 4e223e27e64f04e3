import Glibc

/// Plain lines for the person at the terminal.
enum Terminal {
    static func error(_ text: String) { put(text + "\n", on: STDERR_FILENO) }

    /// `false`: nobody reads any more.
    @discardableResult
    static func line(_ text: String) -> Bool { put(text + "\n", on: STDOUT_FILENO) }

    /// Whether the reader of a pipe has gone.
    static var isOutputClosed: Bool {
        var output = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        return poll(&output, 1, 0) > 0 && Int32(output.revents) & (POLLERR | POLLNVAL) != 0
    }

    /// Text with names from outside in it: control characters could rewrite what the terminal shows.
    static func shown(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator: "\u{FFFD}"
                    default: scalar
                    }
                }))
    }

    @discardableResult
    private static func put(_ text: String, on descriptor: Int32) -> Bool {
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let written = bytes[start...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            if written <= 0 { return false }
            start += written
        }
        return true
    }
}
