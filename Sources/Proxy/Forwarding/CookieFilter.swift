/// Finds the session cookie and keeps the gateway's cookies from upstreams and upstreams' from posing as
/// the gateway's.
struct CookieFilter {
    /// Characters of a session cookie: 32 bytes in base64url without padding.
    static let tokenCharacters = 43

    private let secure: Bool

    /// `secure`: the session cookie has the prefix `__Host-`.
    init(secure: Bool) { self.secure = secure }

    /// The session of a request. Marks the Cookie fields without any cookie of the gateway as `.other`.
    /// Two cookies with the session's name, also in two fields, count as none: a neighbouring host can
    /// plant one with `Domain=`.
    func scan(_ fields: FieldList, _ bytes: ByteView) -> SessionTokenHash? {
        var sessions = 0
        var token: ByteView?
        for index in 0..<fields.count where fields[index].kind == .cookie {
            var found = false
            var pairs = CookiePairs(fields[index].value(in: bytes))
            while let pair = pairs.next() {
                guard let name = Self.gatewayName(pair.name) else { continue }
                found = true
                guard name == .session, isSessionName(pair.name) else { continue }
                sessions += 1
                token = pair.value
            }
            if !found { fields.setKind(.other, at: index) }
        }
        guard sessions == 1, let token else { return nil }
        return Self.hash(token)
    }

    private func isSessionName(_ name: ByteView) -> Bool {
        secure ? name.equals("__Host-gateway-session") : name.equals("gateway-session")
    }

    enum GatewayName { case session, other }

    /// With and without the prefix, in any case: no upstream needs a name so close to ours.
    static func gatewayName(_ name: ByteView) -> GatewayName? {
        // "gateway-flow" is the shortest.
        guard name.count >= 12 else { return nil }
        let first = name[0] | 0x20
        guard first == 0x67 || name[0] == 0x5F else { return nil }
        let bare = name.slice(0, 7).equalsIgnoringCase("__host-") ? name.slice(7, name.count) : name
        if bare.equalsIgnoringCase("gateway-session") { return .session }
        return bare.equalsIgnoringCase("gateway-sign-in") || bare.equalsIgnoringCase("gateway-flow") ? .other : nil
    }

    /// Decodes base64url strictly (the last character carries two zero bits) and hashes the 32 bytes.
    static func hash(_ token: ByteView) -> SessionTokenHash? {
        guard token.count == tokenCharacters else { return nil }
        return withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { out in
            let values = base64URLValues
            // Of all characters: one that is none has the bit 0x80.
            var seen: UInt32 = 0
            var index = 0
            var written = 0
            while written < 30 {
                let first = UInt32(values[Int(token[index])]), second = UInt32(values[Int(token[index + 1])])
                let third = UInt32(values[Int(token[index + 2])]), fourth = UInt32(values[Int(token[index + 3])])
                seen |= first | second | third | fourth
                let group = first << 18 | second << 12 | third << 6 | fourth
                out[written] = UInt8(truncatingIfNeeded: group >> 16)
                out[written + 1] = UInt8(truncatingIfNeeded: group >> 8)
                out[written + 2] = UInt8(truncatingIfNeeded: group)
                index += 4
                written += 3
            }
            // Three characters are left: two bytes and two bits.
            let first = UInt32(values[Int(token[40])]), second = UInt32(values[Int(token[41])]), third = UInt32(values[Int(token[42])])
            seen |= first | second | third
            guard seen & 0x80 == 0, third & 0b11 == 0 else { return nil }
            let group = first << 10 | second << 4 | third >> 2
            out[30] = UInt8(truncatingIfNeeded: group >> 8)
            out[31] = UInt8(truncatingIfNeeded: group)
            return SessionTokenHash(token: UnsafeRawBufferPointer(out))
        }
    }

    /// Value of each byte in base64url (RFC 4648 §5); 0x80 for one that is none of its characters. Never freed.
    private nonisolated(unsafe) static let base64URLValues: UnsafePointer<UInt8> = {
        let values = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
        values.initialize(repeating: 0x80, count: 256)
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        for (value, character) in zip(UInt8(0)..., alphabet.utf8) { values[Int(character)] = value }
        return UnsafePointer(values)
    }()

    /// Writes the application's cookies of a Cookie field, as one field; nothing if there are none.
    static func writeOthers(of value: ByteView, to writer: inout ByteWriter) {
        var isFirst = true
        var pairs = CookiePairs(value)
        while let pair = pairs.next() {
            if gatewayName(pair.name) != nil { continue }
            if isFirst { writer.write("Cookie: ") } else { writer.write("; ") }
            writer.write(pair.whole)
            isFirst = false
        }
        if !isFirst { writer.write("\r\n") }
    }

    /// Whether a Set-Cookie field of an upstream has a name of the gateway.
    static func setsGatewayCookie(_ value: ByteView) -> Bool {
        let end = min(value.firstIndex(of: 0x3D, from: 0) ?? value.count, value.firstIndex(of: 0x3B, from: 0) ?? value.count)
        return gatewayName(value.slice(0, end).trimmed()) != nil
    }
}

/// The pairs of a Cookie field (RFC 6265 §5.4 as servers read it): split at `;`, white space dropped.
private struct CookiePairs {
    struct Pair {
        let whole: ByteView
        let name: ByteView
        let value: ByteView
    }
    private let view: ByteView
    private var index = 0

    init(_ view: ByteView) { self.view = view }

    mutating func next() -> Pair? {
        while index < view.count {
            let end = view.firstIndex(of: 0x3B, from: index) ?? view.count
            let whole = view.slice(index, end).trimmed()
            index = end + 1
            if whole.isEmpty { continue }
            let equals = whole.firstIndex(of: 0x3D, from: 0) ?? whole.count
            return Pair(whole: whole, name: whole.slice(0, equals).trimmed(), value: whole.slice(equals + 1, whole.count).trimmed())
        }
        return nil
    }
}
