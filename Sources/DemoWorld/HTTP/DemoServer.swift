import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// One site on one port of the loopback addresses: 127.0.0.1, and ::1 where the machine has it,
/// because browsers resolve `*.localhost` to either.
public final class DemoServer<Site: DemoSite>: Sendable {
    public let site: Site
    public let port: Int
    /// Whether ::1 is served too.
    public let hasIPv6: Bool
    private let listeners: [Listener]

    private init(site: Site, listeners: [Listener]) {
        self.site = site
        port = listeners.first?.port ?? 0
        hasIPv6 = listeners.count > 1
        self.listeners = listeners
    }

    /// - Parameters:
    ///   - port: 0 lets the kernel choose.
    ///   - makeSite: called once with the bound port, which a site's own addresses contain, before any
    ///     request is answered.
    public static func start(port: Int = 0, makeSite: (Int) throws -> Site) async throws -> DemoServer {
        let slot = SiteSlot()
        let listeners = try await Listener.bindLoopback(port: port, slot: slot)
        do {
            let site = try makeSite(listeners.first?.port ?? port)
            slot.fill(site)
            return DemoServer(site: site, listeners: listeners)
        } catch {
            for listener in listeners { await listener.stop() }
            throw error
        }
    }

    /// Closes every connection. Requests that wait at a gate are let go.
    public func stop() async {
        for listener in listeners { await listener.stop() }
    }
}

/// One bound address.
private struct Listener {
    let port: Int
    private let server: Task<Void, any Error>

    /// How often a port chosen by the kernel on 127.0.0.1 is tried on ::1 before giving up.
    private static let maximumAttempts = 8

    func stop() async {
        server.cancel()
        // How a cancelled server ends is of no interest; that it has ended is.
        _ = await server.result
    }

    static func bindLoopback(port: Int, slot: SiteSlot) async throws -> [Listener] {
        var attempt = 1
        while true {
            let first = try await bind(host: "127.0.0.1", port: port, slot: slot)
            do {
                return [first, try await bind(host: "::1", port: first.port, slot: slot)]
            } catch let error as IOError where [EADDRNOTAVAIL, EAFNOSUPPORT].contains(error.errnoCode) {
                return [first]
            } catch {
                await first.stop()
                // Somebody else has that port of ::1, and a browser might go there. Another port will do,
                // unless the caller asked for this one.
                guard port == 0, attempt < maximumAttempts else { throw error }
                attempt += 1
            }
        }
    }

    private static func bind(host: String, port: Int, slot: SiteSlot) async throws -> Listener {
        let (bound, continuation) = AsyncStream.makeStream(of: Int.self)
        let server = Server(
            childChannelSetup: HTTP1Channel(responder: { request, writer, _ in
                try await answer(request, writer: writer, slot: slot)
            }),
            configuration: ServerConfiguration(address: .hostname(host, port: port)),
            onServerRunning: { channel in
                continuation.yield(channel.localAddress?.port ?? port)
                continuation.finish()
            },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            // Request lines hold codes and messages: nothing is logged here.
            logger: Logger(label: "demo") { _ in SwiftLogNoOpLogHandler() })
        let task = Task {
            defer { continuation.finish() }
            try await server.run()
        }
        for await port in bound { return Listener(port: port, server: task) }
        try await task.value
        throw CancellationError()
    }

    private static func answer(
        _ request: Request, writer: consuming ResponseWriter, slot: SiteSlot
    ) async throws {
        var kept: [UInt8] = []
        var length = 0
        for try await part in request.body {
            length += part.readableBytes
            kept += part.readableBytesView.prefix(DemoRequest.maximumKeptBodyBytes - kept.count)
        }
        let received = DemoRequest(
            method: request.method.rawValue, target: request.head.path ?? "/", authority: request.head.authority,
            fields: request.headers.map { .init($0.name.rawName, $0.value) }, body: kept, bodyLength: length)
        let reply = await slot.site?.respond(to: received) ?? DemoReply(status: 503)
        var fields = HTTPFields()
        for field in reply.fields {
            if let name = HTTPField.Name(field.name) { fields.append(HTTPField(name: name, value: field.value)) }
        }
        fields[.contentLength] = String(reply.body.count)
        let body = received.method == "HEAD" ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: reply.body))
        try await writer.write(response: HTTPResponse(status: .init(code: reply.status), headerFields: fields), body: body)
    }
}

/// Where the site is put once the port, which its addresses contain, is known.
private final class SiteSlot: Sendable {
    private let filled = Mutex<(any DemoSite)?>(nil)

    var site: (any DemoSite)? { filled.withLock { $0 } }

    func fill(_ site: any DemoSite) { filled.withLock { $0 = site } }
}
