import NIOCore
import NIOPosix
import NIOSSL

/// Why no connection to an upstream could be opened.
enum DialFailure: String, Error {
    case name = "name_not_found"
    case connect = "not_reached"
    /// The handshake failed, the certificate is not one of its name, or nobody that is trusted vouches for it.
    case tls = "tls_failed"
    /// The other side does not speak HTTP/2, as it is said to.
    case http2 = "no_http2"
}

struct AddressOrder {
    /// Position of the first one, counted round.
    var first: Int = 0
    /// Addresses that have failed lately.
    var last: Set<SocketAddress> = []
    /// Called with each address that fails.
    var onFailure: (SocketAddress) -> Void = { _ in }

    func apply(_ addresses: [SocketAddress]) -> ArraySlice<SocketAddress> {
        guard addresses.count > 1 else { return addresses[...] }
        let start = first % addresses.count
        let turned = addresses[start...] + addresses[..<start]
        return (turned.filter { !last.contains($0) } + turned.filter { last.contains($0) })[...]
    }
}

/// The last handler of a connection that is opened, with those that belong before it.
protocol DialedHandler: ChannelHandler {
    /// In the order of the pipeline, behind TLS.
    var handlersBefore: [any ChannelHandler] { get }
}

extension DialedHandler {
    var handlersBefore: [any ChannelHandler] { [] }
}

/// Opens one connection to an upstream: its addresses one after the other, each within the timeout, of
/// which a TLS handshake is a part. Confined to its loop; keeps itself alive until it has ended.
final class Dial<Handler: DialedHandler> {
    struct Opened {
        let channel: any Channel
        let handler: Handler
        /// `nil` for a unix socket.
        let address: SocketAddress
    }

    private let target: UpstreamTarget
    private let eventLoop: any EventLoop
    private let timeout: TimeAmount
    private let makeHandler: () -> Handler
    private let end: (Result<Opened, DialFailure>) -> Void
    /// Which of several addresses is tried first, and which are tried last.
    private let order: AddressOrder
    private var addresses: ArraySlice<SocketAddress> = []
    private var lastFailure = DialFailure.connect

    /// - Parameters:
    ///   - makeHandler: makes the last handler of a channel's pipeline; called for each address.
    ///   - end: called once, on the loop, later.
    static func start(
        _ target: UpstreamTarget, on eventLoop: any EventLoop, resolver: NameResolver, timeout: TimeAmount,
        order: AddressOrder = AddressOrder(), makeHandler: @escaping () -> Handler, end: @escaping (Result<Opened, DialFailure>) -> Void
    ) {
        let dial = Dial(target, eventLoop, timeout, order, makeHandler, end)
        guard case .tcp(let host, let port) = target.upstream.address, target.fixedAddress == nil else {
            dial.addresses = target.fixedAddress.map { [$0] } ?? []
            return dial.next()
        }
        resolver.addresses(of: host, on: eventLoop).assumeIsolated().whenComplete { result in
            switch result {
            case .success(let found):
                let withPort = found.map { address in
                    var address = address
                    address.port = port
                    return address
                }
                dial.addresses = dial.order.apply(withPort)
            case .failure:
                dial.lastFailure = .name
            }
            dial.next()
        }
    }

    private init(
        _ target: UpstreamTarget, _ eventLoop: any EventLoop, _ timeout: TimeAmount, _ order: AddressOrder,
        _ makeHandler: @escaping () -> Handler, _ end: @escaping (Result<Opened, DialFailure>) -> Void
    ) {
        self.target = target
        self.eventLoop = eventLoop
        self.timeout = timeout
        self.order = order
        self.makeHandler = makeHandler
        self.end = end
    }

    private func next() {
        guard let address = addresses.popFirst() else { return end(.failure(lastFailure)) }
        let watcher = target.tls == nil ? nil : HandshakeWatcher()
        let parts = NIOLoopBound((handler: makeHandler(), watcher: watcher), eventLoop: eventLoop)
        let deadline = NIODeadline.now() + timeout
        let tls = target.tls
        ClientBootstrap(group: eventLoop)
            .connectTimeout(timeout)
            .channelOption(.socketOption(.so_rcvbuf), value: UpstreamPool.receiveBufferBytes)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls, let watcher = parts.value.watcher {
                        try pipeline.addHandler(NIOSSLClientHandler(context: tls.context, serverHostname: tls.serverName))
                        try pipeline.addHandler(watcher)
                    }
                    for handler in parts.value.handler.handlersBefore { try pipeline.addHandler(handler) }
                    try pipeline.addHandler(parts.value.handler)
                }
            }
            .connect(to: address)
            .assumeIsolated().whenComplete { result in
                switch result {
                case .success(let channel) where channel.isActive:
                    let opened = Opened(channel: channel, handler: parts.value.handler, address: address)
                    guard let watcher = parts.value.watcher else { return self.end(.success(opened)) }
                    self.awaitHandshake(watcher, opened, deadline)
                case .success, .failure: self.failed(address, .connect)
                }
            }
    }

    private func awaitHandshake(_ watcher: HandshakeWatcher, _ opened: Opened, _ deadline: NIODeadline) {
        let timer = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { opened.channel.close(promise: nil) }
        watcher.whenDone { result in
            timer.cancel()
            switch result {
            case .success(let negotiated):
                // No quiet fallback: whoever wants HTTP/2 relies on it.
                guard self.target.upstream.speaksHTTP2, negotiated != "h2" else { return self.end(.success(opened)) }
                opened.channel.close(promise: nil)
                self.failed(opened.address, .http2)
            case .failure:
                opened.channel.close(promise: nil)
                self.failed(opened.address, .tls)
            }
        }
    }

    private func failed(_ address: SocketAddress, _ failure: DialFailure) {
        lastFailure = failure
        order.onFailure(address)
        next()
    }
}
