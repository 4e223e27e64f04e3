/// The cookies of a request after RFC 6265 §4.2 as servers read them, and what the contract says about the
/// gateway's own.
struct ReferenceCookies {
    static let gatewayNames: Set<String> = [
        "gateway-session", "gateway-sign-in", "gateway-flow", "__host-gateway-session", "__host-gateway-sign-in", "__host-gateway-flow",
    ]

    struct Field {
        let hasGatewayCookie: Bool
        /// The application's cookies.
        let others: [[UInt8]]
    }
    private(set) var fields: [Field] = []
    /// Values of all cookies with the session's name.
    private var sessions: [[UInt8]] = []

    init(_ values: [[UInt8]], secure: Bool) {
        for value in values {
            let cookies = value.parts(0x3B).map(\.stripped).filter { !$0.isEmpty }
            let others = cookies.filter { !Self.gatewayNames.contains(Self.name($0).lowered.text) }
            fields.append(Field(hasGatewayCookie: others.count < cookies.count, others: others))
            for cookie in cookies where Self.name(cookie).text == (secure ? "__Host-gateway-session" : "gateway-session") {
                let value = cookie.firstIndex(of: 0x3D).map { Array(cookie[($0 + 1)...]) } ?? []
                sessions.append(value.stripped)
            }
        }
    }

    static func name(_ cookie: [UInt8]) -> [UInt8] { Array(cookie.prefix { $0 != 0x3D }).stripped }

    /// The 32 bytes of the only session cookie: 43 characters of base64url whose last two bits are zero.
    var token: [UInt8]? {
        guard sessions.count == 1, sessions[0].count == 43 else { return nil }
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var bits: [Bool] = []
        for character in sessions[0] {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            bits += (0..<6).map { value >> (5 - $0) & 1 == 1 }
        }
        guard bits.suffix(2) == [false, false] else { return nil }
        return (0..<32).map { byte in bits[byte * 8..<byte * 8 + 8].reduce(0) { $0 << 1 | ($1 ? 1 : 0) } }
    }
}
