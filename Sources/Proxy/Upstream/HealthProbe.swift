import NIOCore

/// Asks one upstream again and again whether it works. Confined to its loop.
final class HealthProbe {
    private let eventLoop: any EventLoop
    private let resolver: NameResolver
    private let target: UpstreamTarget
    private let check: HealthCheck
    private let onChange: (_ isHealthy: Bool, _ reason: String) -> Void
    private var verdict: HealthVerdict
    private var timer: Scheduled<Void>?
    private var isStopped = false

    init(
        _ target: UpstreamTarget, _ check: HealthCheck, on eventLoop: any EventLoop, resolver: NameResolver,
        onChange: @escaping (_ isHealthy: Bool, _ reason: String) -> Void
    ) {
        self.eventLoop = eventLoop
        self.resolver = resolver
        self.target = target
        self.check = check
        self.onChange = onChange
        verdict = HealthVerdict(check)
    }

    var isHealthy: Bool { verdict.isHealthy }

    /// Asks now, and from then on until `stop`.
    func start() {
        guard !isStopped else { return }
        let timeout = TimeAmount.milliseconds(check.timeout.milliseconds)
        let deadline = NIODeadline.now() + timeout
        let request = self.request
        Dial.start(
            target, on: eventLoop, resolver: resolver, timeout: timeout, makeHandler: { StatusReader() },
            end: { result in
                switch result {
                case .failure(let failure): self.note(works: false, failure.rawValue)
                case .success(let opened):
                    let timer = self.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { opened.channel.close(promise: nil) }
                    opened.handler.ask(request) { status in
                        timer.cancel()
                        opened.channel.close(promise: nil)
                        self.note(works: status.map { (200...399).contains($0) } ?? false, status.map { "status_\($0)" } ?? "no_answer")
                    }
                }
            })
    }

    func stop() {
        isStopped = true
        timer?.cancel()
        timer = nil
    }

    private var request: ByteBuffer {
        let host =
            switch target.upstream.address {
            case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
            case .unix: "localhost"
            }
        return ByteBuffer(
            string: "GET \(check.path) HTTP/1.1\r\nHost: \(host)\r\nUser-Agent: gateway-health-check\r\nConnection: close\r\n\r\n")
    }

    private func note(works: Bool, _ reason: String) {
        guard !isStopped else { return }
        if verdict.note(works: works) { onChange(verdict.isHealthy, reason) }
        timer = eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(max(1, check.interval.milliseconds))) { self.start() }
    }
}

/// Sends one request and reads the status of its response.
private final class StatusReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// `HTTP/1.1 200 `
    private static let statusLineBytes = 13

    private var context: ChannelHandlerContext?
    private var received: [UInt8] = []
    private var end: ((Int?) -> Void)?
    private var hasEnded = false

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func ask(_ request: ByteBuffer, end: @escaping (Int?) -> Void) {
        guard let context, !hasEnded else { return end(nil) }
        self.end = end
        context.writeAndFlush(wrapOutboundOut(request), promise: nil)
    }

    private func finish(_ status: Int?) {
        hasEnded = true
        let end = self.end
        self.end = nil
        end?(status)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasEnded else { return }
        received += unwrapInboundIn(data).readableBytesView.prefix(Self.statusLineBytes)
        guard received.count >= Self.statusLineBytes else { return }
        finish(received.withUnsafeBytes { Self.status(ByteView($0)) })
    }

    private static func status(_ line: ByteView) -> Int? {
        guard line.slice(0, 7).equals("HTTP/1."), line[8] == 0x20, let status = FieldSectionParser.decimal(line.slice(9, 12)),
            line[12] == 0x20 || line[12] == 0x0D
        else { return nil }
        return Int(status)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelInactive(context: ChannelHandlerContext) {
        finish(nil)
        context.fireChannelInactive()
    }
}
