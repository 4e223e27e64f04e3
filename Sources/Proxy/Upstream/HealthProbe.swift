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
        target.upstream.speaksHTTP2 ? ask { HTTP2StatusReader() } : ask { StatusReader() }
    }

    private func ask<Question: HealthQuestion>(_ makeQuestion: @escaping () -> Question) {
        let timeout = TimeAmount.milliseconds(check.timeout.milliseconds)
        let deadline = NIODeadline.now() + timeout
        Dial.start(
            target, on: eventLoop, resolver: resolver, timeout: timeout, makeHandler: makeQuestion,
            end: { result in
                switch result {
                case .failure(let failure): self.note(works: false, failure.rawValue)
                case .success(let opened):
                    let timer = self.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { opened.channel.close(promise: nil) }
                    opened.handler.ask(self.check.path, host: self.host, isSecure: self.target.tls != nil) { status in
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

    private var host: String {
        switch target.upstream.address {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix: "localhost"
        }
    }

    private func note(works: Bool, _ reason: String) {
        guard !isStopped else { return }
        if verdict.note(works: works) { onChange(verdict.isHealthy, reason) }
        timer = eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(max(1, check.interval.milliseconds))) { self.start() }
    }
}
