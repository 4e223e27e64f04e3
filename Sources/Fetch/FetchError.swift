/// Why there is no response. It holds no address, header or byte of the exchange, but its cases tell open, closed
/// and refused addresses apart: they are for the operator's log and metrics. A tenant who may enter URLs gets one
/// sentence for all of them, or has a port scanner.
public enum FetchError: Error, Sendable, Equatable {
    /// Not an address that we fetch from: scheme, user information, control characters, fragment.
    case refusedURL
    /// A header that would break out of its line or change the framing.
    case refusedHeader
    /// Every address of the name is in a network that is not allowed.
    case refusedAddress
    case couldNotResolve
    case couldNotConnect
    /// The certificate or the handshake.
    case tls
    /// Connecting, the whole, or too few bytes for too long.
    case timedOut
    /// The peer went away before the response was whole.
    case connectionLost
    /// Not an HTTP/1.0 or HTTP/1.1 response.
    case malformedResponse
    case bodyTooLarge
    /// Too many fields or bytes of them.
    case headersTooLarge
    /// As many requests as may be are under way, in all or to this host.
    case tooManyInFlight
    case cancelled
    case shutDown
    /// libcurl's code for anything else (`curl/curl.h`, CURLcode).
    case other(Int)

    /// Bounded: for logs and metrics.
    public var label: String {
        switch self {
        case .refusedURL: "refused_url"
        case .refusedHeader: "refused_header"
        case .refusedAddress: "refused_address"
        case .couldNotResolve: "could_not_resolve"
        case .couldNotConnect: "could_not_connect"
        case .tls: "tls"
        case .timedOut: "timed_out"
        case .connectionLost: "connection_lost"
        case .malformedResponse: "malformed_response"
        case .bodyTooLarge: "body_too_large"
        case .headersTooLarge: "headers_too_large"
        case .tooManyInFlight: "too_many_in_flight"
        case .cancelled: "cancelled"
        case .shutDown: "shut_down"
        case .other(let code): "curl_\(code)"
        }
    }
}
