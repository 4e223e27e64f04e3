/// Turns the bytes of a complete head into a `ReceivedRequest`, or refuses it. One per loop.
final class RequestReader {
    /// Elements of `X-Forwarded-For` that are looked at, from the right.
    static let maximumForwardedElements = 64

    enum Outcome {
        case request(ReceivedRequest)
        case refused(Refusal)
    }

    let fields: FieldList
    private let normalTable: UnsafeMutablePointer<UInt8>
    private let authorityBuffer: UnsafeMutablePointer<UInt8>
    private let otherAuthority: UnsafeMutablePointer<UInt8>
    private let pathBuffer: UnsafeMutablePointer<UInt8>
    private let readingBuffer: UnsafeMutablePointer<UInt8>
    private let limits: ProxyLimits
    private let trusted: TrustedProxies
    private let cookies: CookieFilter
    private var parser: RequestHeadParser
    private var table: RouteTable

    init(settings: ProxySettings, table: RouteTable) {
        limits = settings.limits
        trusted = settings.trustedProxies
        cookies = CookieFilter(secure: settings.secureCookies)
        self.table = table
        fields = FieldList(capacity: limits.maximumFields)
        normalTable = FieldSectionParser.makeNormalTable()
        authorityBuffer = .allocate(capacity: CanonicalHost.bufferBytes)
        otherAuthority = .allocate(capacity: CanonicalHost.bufferBytes)
        // An absolute-form target without a path gets the one byte of `/`.
        let pathCapacity = max(1, limits.maximumTargetBytes) + 1
        pathBuffer = .allocate(capacity: pathCapacity)
        readingBuffer = .allocate(capacity: pathCapacity)
        parser = RequestHeadParser(
            section: FieldSectionParser(normal: normalTable), names: table.names, maximumTargetBytes: limits.maximumTargetBytes)
    }

    deinit {
        normalTable.deallocate()
        authorityBuffer.deallocate()
        otherAuthority.deallocate()
        pathBuffer.deallocate()
        readingBuffer.deallocate()
    }

    func replace(table: RouteTable) {
        self.table = table
        parser = RequestHeadParser(
            section: FieldSectionParser(normal: normalTable), names: table.names, maximumTargetBytes: limits.maximumTargetBytes)
    }

    /// `bytes` is one complete head.
    func read(_ bytes: ByteView, peer: Peer) -> Outcome {
        switch parser.parse(bytes, into: fields) {
        case .refused(let refusal): return .refused(refusal)
        case .head(let head):
            var request = ReceivedRequest(
                bytes: bytes, head: head, scheme: peer.scheme, authority: bytes.slice(0, 0), hostBytes: 0, path: bytes.slice(head.path),
                query: bytes.slice(head.query), client: peer.text,
                certificateSubject: peer.certificateSubject, hostMatch: nil, route: nil, session: nil)
            if let refusal = readOrigin(&request, peer) { return .refused(refusal) }
            if let refusal = readPath(&request) { return .refused(refusal) }
            if head.summary.cookies > 0 { request.session = cookies.scan(fields, bytes) }
            if head.summary.traceParents > 0 { keepTrace(&request) }
            if head.summary.upgrade != .none {
                request.webSocketAccept = WebSocketHandshake.expectedAccept(head, request.method, fields, bytes)
            }
            return .request(request)
        }
    }

    /// The trailer fields, of a request or a response, that may go on: known to neither side as something else.
    func keptTrailers(_ section: [UInt8]) -> [UInt8] {
        let kept = TrailerFilter.kept(of: section, parser: parser.section, names: table.names, fields: fields)
        return TrailerFilter.kept(of: kept, parser: parser.section, names: .response, fields: fields)
    }

    /// Parses a head that this process wrote itself, for the page that replaces a failed response.
    func readAgain(_ bytes: ByteView) -> RequestHead? {
        guard case .head(let head) = parser.parse(bytes, into: fields) else { return nil }
        return head
    }

    /// Trace fields are forwarded if there is one `traceparent` and it is well-formed (W3C Trace Context §4.3).
    private func keepTrace(_ request: inout ReceivedRequest) {
        let summary = request.head.summary
        guard summary.traceParents == 1, TraceContext.isValid(fields[summary.traceParent].value(in: request.bytes)) else { return }
        request.hasTrace = true
        for index in 0..<fields.count where fields[index].kind == .traceParent || fields[index].kind == .traceState {
            fields.setKind(.other, at: index)
        }
    }

    // MARK: Who asks, and for which host

    private func readOrigin(_ request: inout ReceivedRequest, _ peer: Peer) -> Refusal? {
        let bytes = request.bytes
        guard let hostIndex = request.head.summary.host,
            let named = CanonicalHost.parse(fields[hostIndex].value(in: bytes), into: authorityBuffer)
        else { return .host }
        if !request.head.authority.isEmpty {
            // Two hosts in one request: the one that decides must be the one that is forwarded.
            guard let target = CanonicalHost.parse(bytes.slice(request.head.authority), into: otherAuthority) else { return .host }
            guard target.port == named.port,
                ByteView(otherAuthority, count: target.count).equals(ByteView(authorityBuffer, count: named.count))
            else { return .hostMismatch }
        }
        guard peer.isTrusted else {
            finishAuthority(&request, named, carriesAnyPort: false, peer)
            return nil
        }
        return readForwarded(&request, peer, named)
    }

    /// A port that neither the scheme, nor the listener, nor `external_url` has is not carried into the
    /// origin: anybody can send it, and each would be an origin with an assertion of its own.
    private func finishAuthority(_ request: inout ReceivedRequest, _ host: CanonicalHost.Parsed, carriesAnyPort: Bool, _ peer: Peer) {
        var count = host.count
        if let port = host.port, port != request.scheme.defaultPort,
            carriesAnyPort || port == peer.localPort || port == table.externalPort
        {
            var writer = ByteWriter(UnsafeMutableRawBufferPointer(start: authorityBuffer + count, count: CanonicalHost.bufferBytes - count))
            writer.write(byte: 0x3A)
            writer.write(decimal: UInt64(port))
            count += writer.count
        }
        request.authority = ByteView(authorityBuffer, count: count)
        request.hostBytes = host.count
    }

    /// What a trusted proxy says. It says it once and clearly, or the request is refused.
    private func readForwarded(_ request: inout ReceivedRequest, _ peer: Peer, _ named: CanonicalHost.Parsed) -> Refusal? {
        let summary = request.head.summary
        guard summary.forwardedHost <= 1, summary.forwardedProto <= 1 else { return .forwarded }
        var host = named
        for index in 0..<fields.count {
            let field = fields[index]
            let value = field.value(in: request.bytes)
            if field.kind == .forwardedProto {
                if value.equalsIgnoringCase("https") {
                    request.scheme = .https
                } else if value.equalsIgnoringCase("http") {
                    request.scheme = .http
                } else {
                    return .forwarded
                }
            } else if field.kind == .forwardedHost {
                guard let given = CanonicalHost.parse(value, into: authorityBuffer) else { return .forwarded }
                host = given
            } else if field.kind == .forwardedPrefix, CanonicalPath.isPlain(value) {
                fields.setKind(.other, at: index)
            }
        }
        finishAuthority(&request, host, carriesAnyPort: true, peer)
        if summary.forwardedFor > 0, let client = client(request.bytes) { request.client = client }
        return nil
    }

    /// The right-most address of `X-Forwarded-For` that is no trusted proxy; what lies left of it, or of
    /// something that is no address, was written by nobody we know.
    private func client(_ bytes: ByteView) -> [UInt8]? {
        var found: [UInt8]?
        var looked = 0
        for index in (0..<fields.count).reversed() where fields[index].kind == .forwardedFor {
            let value = fields[index].value(in: bytes)
            var end = value.count
            while end >= 0 {
                var start = end
                while start > 0, value[start - 1] != 0x2C { start -= 1 }
                looked += 1
                guard looked <= Self.maximumForwardedElements, let address = IPAddress(value.slice(start, end).trimmed()) else {
                    return found
                }
                found = Array(address.text.utf8)
                if !trusted.contains(address) { return found }
                end = start - 1
            }
        }
        return found
    }

    // MARK: For which path

    private func readPath(_ request: inout ReceivedRequest) -> Refusal? {
        let raw = request.path
        if raw.isEmpty {
            pathBuffer[0] = 0x2F
            request.path = ByteView(pathBuffer, count: 1)
            findRoute(&request)
            return nil
        }
        let result = CanonicalPath.make(raw, rules: CanonicalPath.Rules(), into: pathBuffer)
        guard apply(result, raw, &request) else { return .path }
        findRoute(&request)
        if result.outcome == .unchanged { return nil }
        if result.hasEncodedSlash, request.route?.rules.keepsEncodedSlashes != true { return .path }
        if result.hasRepeatedSlash, let route = request.route, route.rules.keepsRepeatedSlashes {
            let kept = CanonicalPath.make(raw, rules: route.rules, into: pathBuffer)
            // With its slashes the path may belong to another route, which reads it differently again.
            guard apply(kept, raw, &request), request.hostMatch?.routes.match(path: request.path) === route else { return .path }
        }
        return hasOneRoute(request) ? nil : .path
    }

    /// Whether an application that cuts off path parameters and decodes escapes would still see a path of
    /// the same route: `/admin;x/y` must not get past the roles of a route `/admin`.
    private func hasOneRoute(_ request: ReceivedRequest) -> Bool {
        guard let routes = request.hostMatch?.routes, PathReading.differs(request.path) else { return true }
        let count = PathReading.make(request.path, into: readingBuffer)
        return routes.match(reading: ByteView(readingBuffer, count: count)) === request.route
    }

    private func apply(_ result: CanonicalPath.Result, _ raw: ByteView, _ request: inout ReceivedRequest) -> Bool {
        switch result.outcome {
        case .unchanged: request.path = raw
        case .rewritten(let count): request.path = ByteView(pathBuffer, count: count)
        case .refused: return false
        }
        return true
    }

    private func findRoute(_ request: inout ReceivedRequest) {
        request.hostMatch = table.match(host: request.host)
        request.route = request.hostMatch?.routes.match(path: request.path)
    }
}
