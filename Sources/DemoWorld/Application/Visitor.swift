/// Who the gateway's headers say is there.
struct Visitor: Sendable, Equatable {
    var name: String
    var email: String
    /// The organization's slug.
    var organization: String
    var roles: [String]

    /// `nil`: the headers name nobody.
    init?(_ request: DemoRequest) {
        guard request.value(of: "x-gateway-member") != nil else { return nil }
        email = Self.decode(request.value(of: "x-gateway-email") ?? "")
        let name = Self.decode(request.value(of: "x-gateway-name") ?? "")
        self.name = name.isEmpty ? email : name
        organization = request.value(of: "x-gateway-organization") ?? ""
        roles = (request.value(of: "x-gateway-roles") ?? "").split(separator: ",").map(String.init)
    }

    /// Percent-escapes stand for what a header can't carry (RFC 3986 §2.1). A text with a broken one is shown as it is.
    private static func decode(_ text: String) -> String {
        var decoded: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            guard let high = rest.popFirst()?.hexDigit, let low = rest.popFirst()?.hexDigit else { return text }
            decoded.append(high << 4 | low)
        }
        return String(validating: decoded, as: UTF8.self) ?? text
    }
}
