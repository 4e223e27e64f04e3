@testable import Proxy

/// A response head after RFC 9112 §4 and §6.3, and what the client has to receive for it.
struct ReferenceResponse {
    let status: Int?
    let isAccepted: Bool
    let framing: BodyFraming
    let isPersistent: Bool
    private let reason: [UInt8]
    private let head: ReferenceFields
    private let closes: Bool

    init(_ bytes: [UInt8], maximumFields: Int, isHead: Bool, closes: Bool) {
        head = ReferenceFields(bytes)
        self.closes = closes
        let line = head.startLine
        let isHTTP11 = line.starts(with: Array("HTTP/1.1 ".utf8))
        let digits = line.dropFirst(9).prefix(3)
        let rest = Array(line.dropFirst(12))
        reason = rest.isEmpty ? [0x20] : rest
        let isLine =
            (isHTTP11 || line.starts(with: Array("HTTP/1.0 ".utf8))) && digits.count == 3
            && digits.allSatisfy(ReferenceCharacters.digits.contains) && (rest.isEmpty || rest.first == 0x20)
            && rest.allSatisfy(ReferenceCharacters.fieldValue.contains)
        let number = isLine ? Int(Array(digits).text) ?? 0 : 0
        status = number
        let mayBeChunked = isHTTP11 && number >= 200 && number != 204
        isAccepted =
            isLine && (100...599).contains(number) && head.faults.isEmpty && head.fields.count <= maximumFields
            && (!head.isChunked || mayBeChunked)
        if isHead || number < 200 || number == 204 || number == 304 {
            framing = .none
        } else if head.isChunked {
            framing = .chunked
        } else {
            framing = head.length.map { .length($0) } ?? .untilClose
        }
        isPersistent = isHTTP11 && !head.connectionOptions.contains("close")
    }

    var clientStartLine: [UInt8] { Array("HTTP/1.1 \(status ?? 0)".utf8) + reason }

    var clientFields: [String] {
        let removed: Set<String> = [
            "connection", "content-length", "transfer-encoding", "keep-alive", "proxy-connection", "proxy-authenticate",
            "proxy-authorization", "proxy-authentication-info", "te", "trailer", "upgrade",
            "x-accel-redirect", "x-sendfile", "x-lighttpd-send-file", "x-reproxy-url",
        ]
        let nominated = head.nominated
        var lines: [String] = []
        for field in head.fields {
            if field.cgiName == "set-cookie" {
                let name = field.value.prefix { $0 != 0x3D && $0 != 0x3B }
                if field.loweredName != "set-cookie" || ReferenceCookies.gatewayNames.contains(Array(name).stripped.lowered.text) {
                    continue
                }
            } else if removed.contains(field.cgiName) || nominated.contains(field.loweredName) {
                continue
            } else if field.cgiName.hasPrefix("x-gateway-"), field.cgiName != "x-gateway-" {
                continue
            }
            lines.append("\(field.name.text): \(field.value)")
        }
        switch framing {
        case .none, .untilClose: break
        case .length(let length): lines.append("Content-Length: \(Array(String(length).utf8))")
        case .chunked: lines.append("Transfer-Encoding: \(Array("chunked".utf8))")
        }
        if closes { lines.append("Connection: \(Array("close".utf8))") }
        return lines
    }
}
