/// Why the proxy itself answers a request with an error and closes the connection. The raw value is the
/// label for logs and metrics; the client sees the status only.
enum Refusal: String, Sendable, CaseIterable {
    case requestLine = "request_line"
    case lineEnding = "line_ending"
    case target
    case targetTooLong = "target_too_long"
    case path
    case version
    case method
    case fieldName = "field_name"
    case fieldValue = "field_value"
    case headTooLarge = "head_too_large"
    case tooManyFields = "too_many_fields"
    case host
    case hostMissing = "host_missing"
    case hostRepeated = "host_repeated"
    case hostMismatch = "host_mismatch"
    case contentLength = "content_length"
    case transferEncoding = "transfer_encoding"
    case framingConflict = "framing_conflict"
    /// A field that HTTP/2 does not have.
    case connectionField = "connection_field"
    /// A pseudo-header field of HTTP/2 that is missing, unknown, repeated or out of place.
    case pseudoField = "pseudo_field"
    case expectation
    case forwarded
    /// A listed peer did not begin with a PROXY header.
    case proxyHeader = "proxy_header"
    case chunk
    case headTimeout = "head_timeout"
    case bodyTimeout = "body_timeout"
    case bodyTooLarge = "body_too_large"
    case overloaded
    /// A WebSocket to an upstream that is spoken to in HTTP/2.
    case webSocket = "web_socket"
    case localTimeout = "local_timeout"
    case badGateway = "bad_gateway"
    case gatewayTimeout = "gateway_timeout"
    case malfunction

    var status: Int {
        switch self {
        case .requestLine, .lineEnding, .target, .path, .fieldName, .fieldValue, .host, .hostMissing, .hostRepeated,
            .hostMismatch, .contentLength, .transferEncoding, .framingConflict, .connectionField, .pseudoField, .forwarded,
            .proxyHeader, .chunk:
            400
        case .headTimeout, .bodyTimeout: 408
        case .bodyTooLarge: 413
        case .targetTooLong: 414
        case .expectation: 417
        case .headTooLarge, .tooManyFields: 431
        case .malfunction: 500
        case .method, .webSocket: 501
        case .badGateway: 502
        case .overloaded: 503
        case .localTimeout, .gatewayTimeout: 504
        case .version: 505
        }
    }
}

/// Reason phrases of RFC 9110 §15 for what the gateway sends itself.
enum StatusPhrase {
    static func of(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 421: "Misdirected Request"
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: ""
        }
    }
}
