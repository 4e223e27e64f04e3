import Crypto

/// The opening handshake of a WebSocket (RFC 6455 §4), as far as a proxy in the middle has to understand it.
enum WebSocketHandshake {
    /// 16 bytes in base64.
    static let keyBytes = 24
    private static let guid = Array("258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8)
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// What the upstream must answer to a request that asks for a WebSocket, and for nothing else, in full
    /// form; `nil` for any other request, whose `Upgrade` is dropped.
    static func expectedAccept(_ head: RequestHead, _ method: ByteView, _ fields: FieldList, _ bytes: ByteView) -> [UInt8]? {
        guard head.summary.upgrade == .webSocket, head.summary.upgrades, head.minorVersion == 1, head.framing == .none,
            method.equals("GET"), let key = only("sec-websocket-key", fields, bytes), isKey(key)
        else { return nil }
        return accept(key)
    }

    /// Whether a 101 is the answer to that request. Anything else would tunnel bytes that one side takes for
    /// HTTP.
    static func isAccepted(_ head: ResponseHead, _ fields: FieldList, _ bytes: ByteView, expected: [UInt8]) -> Bool {
        guard head.status == 101, head.summary.upgrade == .webSocket, head.summary.upgrades, head.summary.contentLength == nil,
            let accept = only("sec-websocket-accept", fields, bytes)
        else { return false }
        return accept.equals(expected)
    }

    /// The value of the only field with this lower-case name.
    private static func only(_ name: StaticString, _ fields: FieldList, _ bytes: ByteView) -> ByteView? {
        var found: ByteView?
        for index in 0..<fields.count where fields[index].name(in: bytes).equalsIgnoringCase(name) {
            if found != nil { return nil }
            found = fields[index].value(in: bytes)
        }
        return found
    }

    private static func isKey(_ key: ByteView) -> Bool {
        guard key.count == keyBytes, key[22] == 0x3D, key[23] == 0x3D else { return false }
        for index in 0..<22 {
            guard key[index].isDigit || key[index].isLetter || key[index] == 0x2B || key[index] == 0x2F else { return false }
        }
        return true
    }

    /// base64(SHA-1(key and the GUID)), RFC 6455 §4.2.2.
    static func accept(_ key: ByteView) -> [UInt8] {
        var hasher = Insecure.SHA1()
        hasher.update(bufferPointer: key.raw)
        hasher.update(data: guid)
        let digest = Array(hasher.finalize())
        var text: [UInt8] = []
        var index = 0
        // 20 bytes: six groups of three, and two.
        while index < digest.count {
            let rest = digest.count - index
            let group =
                UInt32(digest[index]) << 16 | (rest > 1 ? UInt32(digest[index + 1]) << 8 : 0) | (rest > 2 ? UInt32(digest[index + 2]) : 0)
            for position in 0..<4 {
                if position > rest {
                    text.append(0x3D)
                } else {
                    text.append(alphabet[Int(group >> UInt32(18 - 6 * position) & 0x3F)])
                }
            }
            index += 3
        }
        return text
    }
}
