import NIOSSL

@testable import Proxy

/// A world whose upstream speaks HTTP/2, with clients of both protocols.
enum StreamWorld {
    static func run(
        _ upstream: FrameUpstream, limits: ProxyLimits = World.quickLimits, tls: TLSContext? = nil, keepsTrailers: Bool = true,
        others: [Int] = [], healthCheck: HealthCheck? = nil, make: (@Sendable (Int) -> Upstream)? = nil,
        timeouts: UpstreamTimeouts = UpstreamTimeouts(), _ body: (World) async throws -> Void
    ) async throws {
        let port = upstream.port
        let make = make ?? { Upstream(host: "127.0.0.1", port: $0, healthCheck: healthCheck, speaksHTTP2: true) }
        do {
            try await World.run(
                limits: limits, secure: tls != nil, tls: tls,
                routes: { _ in
                    [
                        Route(
                            id: "wiki", host: .exact("wiki.acme.example"), organizationSlug: "acme",
                            upstreams: ([port] + others).map { make($0) }, headers: [.init(name: "Remote-User", template: [])],
                            keepsTrailers: keepsTrailers, timeouts: timeouts)
                    ]
                }, body)
        } catch {
            await upstream.stop()
            throw error
        }
        await upstream.stop()
    }

    /// The same with TLS, for clients that speak HTTP/2 themselves.
    static func runWithTLS(
        _ upstream: FrameUpstream, limits: ProxyLimits = World.quickLimits, keepsTrailers: Bool = true,
        _ body: (World, TestPKI) async throws -> Void
    ) async throws {
        let pki = try TestPKI()
        let tls = try TLSContext(certificates: [try pki.server("wiki.acme.example")])
        try await run(upstream, limits: limits, tls: tls, keepsTrailers: keepsTrailers) { try await body($0, pki) }
    }
}
