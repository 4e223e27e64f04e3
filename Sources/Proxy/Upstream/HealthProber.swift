import NIOCore

/// The health checks of a process, all on one loop; every loop hears of a change. Confined to its loop.
final class HealthProber {
    private let eventLoop: any EventLoop
    private let resolver: NameResolver
    private let publish: (_ upstream: Upstream, _ isHealthy: Bool) -> Void
    private let report: (UpstreamReport) -> Void
    private var probes: [Upstream: HealthProbe] = [:]

    init(
        eventLoop: any EventLoop, resolver: NameResolver, publish: @escaping (_ upstream: Upstream, _ isHealthy: Bool) -> Void,
        report: @escaping (UpstreamReport) -> Void
    ) {
        self.eventLoop = eventLoop
        self.resolver = resolver
        self.publish = publish
        self.report = report
    }

    /// Checks these from now on. What is known about those that stay is published again, for loops whose
    /// pools are new.
    func replace(targets: [UpstreamTarget]) {
        var old = probes
        probes = [:]
        for target in targets {
            guard let check = target.upstream.healthCheck else { continue }
            if let known = old.removeValue(forKey: target.upstream) {
                probes[target.upstream] = known
                if !known.isHealthy { publish(target.upstream, false) }
                continue
            }
            let probe = HealthProbe(target, check, on: eventLoop, resolver: resolver) { [weak self] isHealthy, reason in
                self?.publish(target.upstream, isHealthy)
                self?.report(
                    UpstreamReport(upstream: target.upstream.description, change: isHealthy ? .healthy : .unhealthy, reason: reason))
            }
            probes[target.upstream] = probe
            probe.start()
        }
        for probe in old.values { probe.stop() }
    }

    func stop() {
        for probe in probes.values { probe.stop() }
        probes = [:]
    }
}
