/// What a field name means to the proxy.
enum HeaderKind: Int32 {
    /// Forwarded as it is.
    case other = 0
    case host
    case connection
    case contentLength
    case transferEncoding
    case expect
    case cookie
    case setCookie
    case forwardedFor
    case forwardedHost
    case forwardedProto
    /// Says where a request came from or went to; only the gateway may say that.
    case forwarding
    /// `X-Forwarded-Prefix`: what a proxy in front has taken off the path, which nobody else knows.
    case forwardedPrefix
    case upgrade
    /// W3C Trace Context §3.2 and §3.3.
    case traceParent
    case traceState
    /// Concerns one connection only (RFC 9110 §7.6.1), or must not be passed on for another reason.
    case hopByHop
    /// `X-Gateway-*` and the extra header names of all routes, in any spelling.
    case reserved
    /// A framing or forwarding name spelled so that some server reads it as the real one.
    case alias
}

/// The names that a head parser recognizes. Names are compared in a normal form, lower case and with `-`
/// for everything that is not a letter or digit: CGI, WSGI and PHP make one variable of `X-Forwarded-For`,
/// `X_Forwarded_For` and `X.Forwarded.For`.
struct HeaderNames: Sendable {
    private let table: ByteKeyTable
    private let removesForwarding: Bool

    /// Names of a request. `extra`: header names of routes, in any spelling.
    static func request(extra: [String]) -> HeaderNames {
        var entries: [(key: [UInt8], value: Int32)] = []
        func add(_ kind: HeaderKind, _ names: String...) {
            for name in names { entries.append((normalForm(name), kind.rawValue)) }
        }
        // Extra names first: no configuration may turn a framing field into something else.
        for name in extra { add(.reserved, name) }
        add(.host, "host")
        add(.connection, "connection")
        add(.contentLength, "content-length")
        add(.transferEncoding, "transfer-encoding")
        add(.expect, "expect")
        add(.cookie, "cookie")
        add(.forwardedFor, "x-forwarded-for")
        add(.forwardedHost, "x-forwarded-host")
        add(.forwardedProto, "x-forwarded-proto")
        add(.forwardedPrefix, "x-forwarded-prefix")
        add(.upgrade, "upgrade")
        add(.traceParent, "traceparent")
        add(.traceState, "tracestate")
        // `Proxy` becomes HTTP_PROXY in CGI (CVE-2016-5385).
        add(.forwarding, "forwarded", "x-forwarded", "x-real-ip", "x-rewrite-url", "x-request-id", "via", "proxy", "x-url-scheme")
        add(
            .hopByHop, "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization", "te", "trailer",
            "http2-settings")
        return HeaderNames(table: ByteKeyTable(entries), removesForwarding: true)
    }

    /// Names of a response.
    static let response: HeaderNames = {
        var entries: [(key: [UInt8], value: Int32)] = []
        func add(_ kind: HeaderKind, _ names: String...) {
            for name in names { entries.append((normalForm(name), kind.rawValue)) }
        }
        add(.connection, "connection")
        add(.contentLength, "content-length")
        add(.transferEncoding, "transfer-encoding")
        add(.setCookie, "set-cookie")
        add(.upgrade, "upgrade")
        add(
            .hopByHop, "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization",
            "proxy-authentication-info", "te", "trailer")
        // A server in front of this one would answer with another resource, about which nobody has decided.
        add(.reserved, "x-accel-redirect", "x-sendfile", "x-lighttpd-send-file", "x-reproxy-url")
        return HeaderNames(table: ByteKeyTable(entries), removesForwarding: false)
    }()

    static func normalForm(_ name: String) -> [UInt8] {
        name.utf8.map { $0.isLetter || $0.isDigit ? $0.asciiLowercased : 0x2D }
    }

    /// `hash` is the hash of the normal form; `normal` gives its bytes from those of `name`.
    @inline(__always)
    func kind(of name: ByteView, hash: UInt64, normal: UnsafePointer<UInt8>) -> HeaderKind {
        if let value = table.find(hash: hash, length: name.count, { normal[Int(name[$0])] }) {
            guard let kind = HeaderKind(rawValue: value) else { return .reserved }
            if kind == .reserved || kind == .forwarding || kind == .hopByHop { return kind }
            for index in 0..<name.count where normal[Int(name[index])] == 0x2D && name[index] != 0x2D { return .alias }
            return kind
        }
        guard name[0] | 0x20 == 0x78, name.count > 10 else { return .other }  // "x…"
        if Self.begins(name, with: "x-gateway-", normal) { return .reserved }
        if removesForwarding, Self.begins(name, with: "x-forwarded-", normal) || Self.begins(name, with: "x-original-", normal) {
            return .forwarding
        }
        return .other
    }

    private static func begins(_ name: ByteView, with prefix: StaticString, _ normal: UnsafePointer<UInt8>) -> Bool {
        guard name.count >= prefix.utf8CodeUnitCount else { return false }
        for index in 0..<prefix.utf8CodeUnitCount where normal[Int(name[index])] != prefix.utf8Start[index] { return false }
        return true
    }
}
