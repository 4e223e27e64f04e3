/// What may stand in a field of HTTP/2 (RFC 9113 §8.2), in both directions.
enum HTTP2Field {
    /// No upper case: RFC 9113 §8.2.1.
    static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { $0.isToken && $0 == $0.asciiLowercased }
    }

    /// No control byte, and no white space around.
    static func isValue(_ value: String) -> Bool {
        var copy = value
        return copy.withUTF8 { raw in
            let view = ByteView(UnsafeRawBufferPointer(raw))
            return FieldSectionParser.endOfValue(view, from: 0) == view.count && view.trimmed().count == view.count
        }
    }

    /// Whether there is a U+FFFD, which is what the frame layer makes of bytes that are no UTF-8: the value may
    /// not be the one that was sent.
    static func hasReplacement(_ value: String) -> Bool {
        var copy = value
        return copy.withUTF8 { raw in
            let view = ByteView(UnsafeRawBufferPointer(raw))
            var index = 0
            while let found = view.firstIndex(of: 0xEF, from: index) {
                if view[found + 1] == 0xBF, view[found + 2] == 0xBD { return true }
                index = found + 1
            }
            return false
        }
    }

    static func isVisible(_ value: String) -> Bool {
        !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }

    /// RFC 9113 §8.2.2: these belong to one connection of HTTP/1.1, and `Transfer-Encoding` to a smuggler.
    static func isOfConnection(_ name: String) -> Bool {
        switch name {
        case "connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade": true
        default: false
        }
    }

    static func lowercased(_ name: ByteView) -> String {
        String(unsafeUninitializedCapacity: name.count) { out in
            for index in 0..<name.count { out[index] = name[index].asciiLowercased }
            return name.count
        }
    }
}
