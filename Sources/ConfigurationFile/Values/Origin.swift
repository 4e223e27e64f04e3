/// Scheme, host and port of a URL (RFC 6454 §4), in one form.
public struct Origin: Hashable, Sendable, CustomStringConvertible {
    public enum Scheme: String, Sendable, CaseIterable {
        case https, http

        public var defaultPort: Int { self == .https ? 443 : 80 }
    }

    public let scheme: Scheme
    /// Lower case; an IPv6 address without its brackets.
    public let host: String
    /// The one that is connected to, also where the text has none. 1 to 65535.
    public let port: Int

    public init(scheme: Scheme, host: String, port: Int) {
        self.scheme = scheme
        self.host = host
        self.port = port
    }

    /// `https://auth.example.com`, with the port only where it is not the scheme's own.
    public var text: String { "\(scheme.rawValue)://\(authority)" }

    /// Host and, where it is not the scheme's own, port: what a browser sends in `Host`.
    public var authority: String {
        let host = host.contains(":") ? "[\(host)]" : host
        return port == scheme.defaultPort ? host : "\(host):\(port)"
    }

    /// The host is this machine by definition (`localhost`, names under it, loopback addresses).
    public var isLoopback: Bool { HostName.isLoopback(host) }

    public var description: String { text }

    static func parse(scheme: Scheme, authority: String) -> Result<Origin, Advice> {
        var host = authority[...], port = scheme.defaultPort
        if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") {
            host = authority[..<colon]
            guard let number = PortNumber.parse(authority[authority.index(after: colon)...]), number > 0 else {
                return .failure(Advice("the port must be a number from 1 to 65535"))
            }
            port = number
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            let literal = host.dropFirst().dropLast()
            guard literal.contains(":"), let address = IPAddress(literal) else {
                return .failure(Advice("the text in brackets is not an IPv6 address"))
            }
            return .success(Origin(scheme: scheme, host: address.description, port: port))
        }
        if let advice = HostName.advice(for: String(host)) { return .failure(Advice(advice)) }
        return .success(Origin(scheme: scheme, host: String(host), port: port))
    }
}

enum PortNumber {
    /// 0 to 65535, decimal, no leading zero.
    static func parse(_ text: some StringProtocol) -> Int? {
        guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy(\.isASCIIDigit), let number = Int(text),
            String(number) == text, number <= 65535
        else { return nil }
        return number
    }
}
