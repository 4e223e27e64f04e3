/// One process of an application behind a route.
public enum UpstreamAddress: Hashable, Sendable, CustomStringConvertible {
    /// An IPv6 host has no brackets.
    case http(host: String, port: Int)
    case https(host: String, port: Int)
    case unix(path: String)

    public var description: String {
        switch self {
        case .http(let host, let port): Origin(scheme: .http, host: host, port: port).text
        case .https(let host, let port): Origin(scheme: .https, host: host, port: port).text
        case .unix(let path): "unix:\(path)"
        }
    }

    static func parse(_ text: String) -> Result<UpstreamAddress, Advice> {
        if text.hasPrefix(UnixPath.scheme) {
            guard let path = UnixPath.parse(text) else {
                return .failure(Advice("write unix: and an absolute path of at most \(UnixPath.maximumBytes) bytes"))
            }
            return .success(.unix(path: path))
        }
        return WebURL.parse(text).flatMap { url in
            guard url.path.isEmpty, url.query == nil, url.fragment == nil else {
                return .failure(Advice("write scheme, host and port alone: the request's own path is forwarded"))
            }
            switch url.origin.scheme {
            case .http: return .success(.http(host: url.origin.host, port: url.origin.port))
            case .https: return .success(.https(host: url.origin.host, port: url.origin.port))
            }
        }
    }
}
