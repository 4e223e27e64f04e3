import NIOHPACK

/// Turns a head that was written for an upstream into the fields of HTTP/2: what was decided on, and nothing
/// else, is what is sent, whatever the upstream speaks.
enum HTTP2RequestFields {
    /// Whether the head can be sent as it is: the frame layer has text only, so a value that is no UTF-8 would
    /// arrive as another one.
    static func canCarry(_ head: ByteView) -> Bool { String(validating: head.raw, as: UTF8.self) != nil }

    /// `nil`: not a head that was written here.
    static func make(_ head: ByteView, isSecure: Bool) -> HPACKHeaders? {
        guard let lineFeed = head.firstIndex(of: 0x0A, from: 0), let methodEnd = head.firstIndex(of: 0x20, from: 0),
            let targetEnd = head.firstIndex(of: 0x20, from: methodEnd + 1), targetEnd < lineFeed
        else { return nil }
        var lines = FieldLines(head.slice(lineFeed + 1, head.count))
        guard let host = lines.next(), host.name.equalsIgnoringCase("host") else { return nil }
        var fields = HPACKHeaders()
        fields.reserveCapacity(24)
        fields.add(name: ":method", value: head.slice(0, methodEnd).string)
        fields.add(name: ":scheme", value: isSecure ? "https" : "http")
        fields.add(name: ":path", value: head.slice(methodEnd + 1, targetEnd).string)
        fields.add(name: ":authority", value: host.value.string)
        while let line = lines.next() {
            let name = HTTP2Field.lowercased(line.name)
            if HTTP2Field.isOfConnection(name) { continue }
            fields.add(name: name, value: line.value.string, indexing: indexing(of: name))
        }
        return fields
    }

    /// A connection carries the requests of many people, and their fields share one table: what is secret
    /// stays out of it (RFC 7541 §7.1.3), and what never comes twice would only push out what does.
    private static func indexing(of name: String) -> HPACKIndexing {
        switch name {
        case "cookie", "authorization", "x-gateway-assertion", "x-gateway-anonymous": .neverIndexed
        case "x-request-id", "traceparent", "content-length": .nonIndexable
        default: .indexable
        }
    }
}
