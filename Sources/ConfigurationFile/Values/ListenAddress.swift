/// Where a listener waits for connections.
public enum ListenAddress: Hashable, Sendable, CustomStringConvertible {
    /// `host` is an IP address, an IPv6 one without brackets; port 0 lets the system choose.
    case tcp(host: String, port: Int)
    case unix(path: String)
    /// A socket that systemd listens on and hands over: the one with this `FileDescriptorName=`, or, as a
    /// number, the one at this place, from 0.
    case systemd(name: String)

    /// As in the file: `0.0.0.0:443`, `[::1]:8080`, `unix:/run/gateway.sock`.
    public var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        case .systemd(let name): "systemd:\(name)"
        }
    }

    /// Only processes of this machine can connect.
    public var isLocal: Bool {
        switch self {
        case .tcp(let host, _): IPAddress(host)?.isLoopback == true
        case .unix: true
        // Only the process that gets it can tell, and does.
        case .systemd: true
        }
    }

    init?(_ text: String) {
        if text.hasPrefix(UnixPath.scheme) {
            guard let path = UnixPath.parse(text) else { return nil }
            self = .unix(path: path)
            return
        }
        if text.hasPrefix("systemd:") {
            let name = text.dropFirst("systemd:".count)
            // systemd.socket(5): ASCII without control characters and colons, up to 255 bytes.
            guard (1...255).contains(name.utf8.count), name.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x3A }) else {
                return nil
            }
            self = .systemd(name: String(name))
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = PortNumber.parse(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.contains(":") {
            guard host.hasPrefix("["), host.hasSuffix("]") else { return nil }
            host = host.dropFirst().dropLast()
        }
        guard let address = IPAddress(host) else { return nil }
        self = .tcp(host: address.description, port: port)
    }
}

enum UnixPath {
    static let scheme = "unix:"
    /// `sun_path` has 108 bytes, the last one for the zero (unix(7)).
    static let maximumBytes = 107

    /// The absolute path after `unix:`.
    static func parse(_ text: String) -> String? {
        let path = text.dropFirst(scheme.count)
        guard text.hasPrefix(scheme), path.hasPrefix("/"), path.count > 1, path.utf8.count <= maximumBytes else { return nil }
        return String(path)
    }
}
