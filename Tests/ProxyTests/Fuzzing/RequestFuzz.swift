import FuzzSupport
import NIOCore

@testable import Proxy

/// From received bytes to what the upstream gets: `HeadScanner`, `RequestReader` and `RequestHeadWriter`.
/// The first byte chooses the peer and the kind of cookies, the second where the head is cut into two
/// reads; the rest is a head and what follows it.
final class RequestFuzz: FuzzTarget {
    static let name = "request"

    private let world: FuzzWorld
    /// Readers for cookies without and with the prefix.
    private let readers: [RequestReader]

    init() {
        let world = FuzzWorld()
        self.world = world
        readers = [false, true].map { RequestReader(settings: world.settings(secure: $0), table: world.table) }
    }

    func disagreement(_ input: [UInt8]) -> String? {
        guard input.count >= 2 else { return nil }
        let secure = input[0] & 1 == 1
        let isTrusted = input[0] & 2 == 2
        let keepsTrailers = input[0] & 4 == 4
        let bytes = Array(input.dropFirst(2))
        var wrong = Disagreement()
        let end = checkScanner(bytes, cut: bytes.count * Int(input[1]) / 256, &wrong)
        guard wrong.text == nil, let end, end > 2 else { return wrong.text }
        let head = Array(bytes.prefix(end))
        let reference = ReferenceRequest(head, world: world, isTrusted: isTrusted, secure: secure)
        let reader = readers[secure ? 1 : 0]
        withView(head) { view in
            switch reader.read(view, peer: isTrusted ? world.trustedPeer : world.strangePeer) {
            case .refused(let refusal):
                wrong.expect(
                    reference.faults.contains(refusal),
                    "refused for \(refusal), by the reference for \(reference.faults.map(\.rawValue).sorted())")
            case .request(let request):
                wrong.expectEqual(reference.faults.map(\.rawValue).sorted(), [], "accepted in spite of")
                guard wrong.text == nil else { return }
                check(request, reference, &wrong)
                checkUpstream(request, reader.fields, reference, keepsTrailers, &wrong)
            }
        }
        return wrong.text
    }

    /// The end of the head, if there is one.
    private func checkScanner(_ bytes: [UInt8], cut: Int, _ wrong: inout Disagreement) -> Int? {
        let limits = world.limits
        var whole = HeadScanner()
        let atOnce = withView(bytes) { whole.scan($0, maximumBytes: limits.maximumHeadBytes, maximumFields: limits.maximumFields) }
        var halves = HeadScanner()
        var twice = withView(Array(bytes.prefix(cut))) {
            halves.scan($0, maximumBytes: limits.maximumHeadBytes, maximumFields: limits.maximumFields)
        }
        if twice == .incomplete {
            twice = withView(bytes) { halves.scan($0, maximumBytes: limits.maximumHeadBytes, maximumFields: limits.maximumFields) }
        }
        switch (atOnce, twice) {
        // Which limit is met first may depend on how much was there.
        case (.refused, .refused): break
        default: wrong.expectEqual(twice, atOnce, "in two reads")
        }
        wrong.expectEqual(atOnce, ReferenceScan.outcome(bytes, limits), "end of the head")
        if case .complete(let end) = atOnce { return end }
        return nil
    }

    private func check(_ request: ReceivedRequest, _ reference: ReferenceRequest, _ wrong: inout Disagreement) {
        wrong.expectEqual(request.method.array.text, reference.method, "method")
        wrong.expectEqual(request.scheme.text, reference.scheme, "scheme")
        wrong.expectEqual(request.host.array.text, reference.host, "host")
        wrong.expectEqual(request.authority.array.text, reference.authority, "authority")
        wrong.expectEqual(request.path.array.text, reference.path, "path")
        wrong.expectEqual(request.query.array, reference.query, "query")
        wrong.expectEqual(request.client.text, reference.client, "client")
        wrong.expectEqual(request.route?.route.id, reference.route, "route")
        wrong.expectEqual(request.organizationSlug, reference.organization, "organization")
        wrong.expectEqual(request.head.framing, reference.framing, "framing")
        wrong.expectEqual(request.head.isPersistent, reference.isPersistent, "persistence")
        wrong.expectEqual(request.head.summary.expectation == .continues, reference.expectsContinue, "expectation")
        let token = reference.cookies.token.map { token in token.withUnsafeBytes { SessionTokenHash(token: $0) } }
        wrong.expectEqual(request.session, token, "session")
    }

    private func checkUpstream(
        _ request: ReceivedRequest, _ fields: FieldList, _ reference: ReferenceRequest, _ keepsTrailers: Bool, _ wrong: inout Disagreement
    ) {
        let writer = RequestHeadWriter(
            request: request, fields: fields, identity: world.identity, requestID: RequestID(high: 1, low: 2), keepsTrailers: keepsTrailers)
        var buffer = ByteBuffer()
        wrong.expect(writer.write(to: &buffer), "the written head did not fit")
        let written = Array(buffer.readableBytesView)
        wrong.expectEqual(ReferenceScan.outcome(written, nil), .complete(written.count), "end of the written head")
        guard wrong.text == nil else { return }
        let head = ReferenceFields(written)
        wrong.expectEqual(head.faults, [], "faults of the written head")
        wrong.expectEqual(head.startLine.text, reference.upstreamStartLine, "written start line")
        wrong.expectEqual(
            head.fields.map { "\($0.name.text): \($0.value)" }, reference.upstreamFields(world, keepsTrailers: keepsTrailers),
            "written fields")
        checkApplication(head, &wrong)
    }

    /// What an application reads behind CGI, WSGI or PHP, where many spellings are one name.
    private func checkApplication(_ head: ReferenceFields, _ wrong: inout Disagreement) {
        let own = ReferenceFields(Array("GET / HTTP/1.1\r\n".utf8) + world.identity.headers.block + [0x0D, 0x0A])
        func isReserved(_ name: String) -> Bool {
            name.hasPrefix("x-gateway-") && name != "x-gateway-" || name == "remote-user"
        }
        wrong.expectEqual(
            head.fields.filter { isReserved($0.cgiName) }.map { "\($0.cgiName): \($0.value.text)" },
            own.fields.map { "\($0.cgiName): \($0.value.text)" }, "reserved fields")
        for name in ["host", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-request-id"] {
            wrong.expectEqual(head.fields.filter { $0.cgiName == name }.count, 1, "fields named \(name)")
        }
        for name in ["keep-alive", "trailer", "proxy-connection", "forwarded", "proxy", "expect"] {
            wrong.expectEqual(head.fields.filter { $0.cgiName == name }.count, 0, "fields named \(name)")
        }
        let cookies = head.named("cookie").flatMap { $0.value.parts(0x3B).map(ReferenceCookies.name) }
        wrong.expect(!cookies.contains { ReferenceCookies.gatewayNames.contains($0.lowered.text) }, "a cookie of the gateway goes on")
        wrong.expect(head.named("content-length").count + head.named("transfer-encoding").count <= 1, "two framings")
    }
}
