import Glibc

/// Plain lines for the person at the terminal.
enum Terminal {
    static func error(_ text: String) { put(text + "\n", on: STDERR_FILENO) }
    static func line(_ text: String) { put(text + "\n", on: STDOUT_FILENO) }

    private static func put(_ text: String, on descriptor: Int32) {
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let written = bytes[start...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if written <= 0 { return }
            start += written
        }
    }
}
