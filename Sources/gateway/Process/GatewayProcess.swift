import ConfigurationFile
import Fetch
import Glibc
import Logging
import NIOCore
import OIDC
import Proxy
import SAML
import SignOn
import Storage
import Synchronization
import Tenancy
import Web

/// All parts of a serving gateway, put together in one place.
final class GatewayProcess: Sendable {
    /// Between two writes of the times of last use, and two sweeps of what has expired.
    static let housekeepingInterval: Duration = .seconds(30)
    /// Between two looks at the assertion keys.
    static let keyMaintenanceInterval: Duration = .seconds(3600)
    /// Body bytes of a metadata document.
    static let maximumMetadataBytes = 8 << 20

    private let configuration: Mutex<Configuration>
    private let store: Store
    private let fetch: FetchClient
    private let signOn: SignOnService
    private let keys: AssertionKeyRing
    private let proxy: ProxyServer
    private let admin: ProxyServer?
    private let health: HealthResponder
    private let observation: Observation
    private let auditing: Observation
    private let logger: Logger
    private let housekeeping: Task<Void, Never>
    private let offer: HandOverOffer?

    private init(
        parts: Parts, configuration: Configuration, observation: Observation, housekeeping: Task<Void, Never>, offer: HandOverOffer?
    ) {
        self.configuration = Mutex(configuration)
        store = parts.store
        fetch = parts.fetch
        signOn = parts.signOn
        keys = parts.keys
        proxy = parts.proxy
        admin = parts.admin
        health = parts.health
        logger = parts.logger
        auditing = parts.auditing
        self.observation = observation
        self.housekeeping = housekeeping
        self.offer = offer
    }

    /// Says when another process has taken over. Nothing where none can.
    var handedOver: AsyncStream<Void>? { offer?.taken }

    private struct Parts {
        var store: Store
        var fetch: FetchClient
        var signOn: SignOnService
        var keys: AssertionKeyRing
        var proxy: ProxyServer
        var admin: ProxyServer?
        var health: HealthResponder
        var logger: Logger
        var auditing: Observation
    }

    /// Opens the store, imports what the file declares, and serves. Throws `StartFailure` with a sentence
    /// for the operator.
    ///
    /// `takesOver`: on the sockets of the process that serves with the same store, which then stops.
    static func start(_ configuration: Configuration, logger: Logger, loops: Int = System.coreCount, takesOver: Bool = false) async throws
        -> GatewayProcess
    {
        let parts = try await makeParts(configuration, logger: logger, loops: loops)
        do {
            let observation = parts.store.observe { [proxy = parts.proxy, keys = parts.keys, logger = parts.logger] changes in
                if changes.contains(.everything) || changes.contains(.assertionKeys) { loadKeys(keys, logger: logger) }
                let stale = SignOn.Invalidation(changes)
                if stale.everything { return proxy.invalidate(.everything) }
                for hash in stale.sessions {
                    if let hash = SessionTokenHash(hash.bytes) { proxy.invalidate(.session(hash)) }
                }
                if !stale.tags.isEmpty { proxy.invalidate(.tags(stale.tags)) }
            }
            let taker = try takesOver ? HandOverTaker.connect(to: handOverPath(configuration.store)) : nil
            let offer = try await listen(
                parts, configuration, inherited: SystemdSockets.take() + (taker?.sockets ?? []), accepts: taker == nil)
            if let taker {
                try taker.confirm()
                await parts.proxy.beginAccepting()
                await parts.admin?.beginAccepting()
            }
            logger.info(
                "serving",
                metadata: [
                    "external_url": "\(configuration.externalURL.text)",
                    "listen": "\(configuration.listen.map(\.description).joined(separator: " "))",
                ])
            return GatewayProcess(
                parts: parts, configuration: configuration, observation: observation, housekeeping: keepHouse(parts), offer: offer)
        } catch {
            // A path that was to be taken over is the other process's still.
            await parts.proxy.shutDown(deadline: .zero, paths: takesOver ? .keep : .remove)
            await parts.admin?.shutDown(deadline: .zero, paths: takesOver ? .keep : .remove)
            await parts.fetch.shutDown()
            try? await parts.store.close()
            throw error
        }
    }

    private static func makeParts(_ configuration: Configuration, logger: Logger, loops: Int) async throws -> Parts {
        try SAMLLibrary.start()
        let store = try await openStore(configuration.store)
        let auditing = store.observeAuditEvents { events in
            for event in events { logger.info("audit", metadata: event.logMetadata) }
        }
        _ = try await importing(configuration.declaration, into: store) { .imported($0) }
        let clock: @Sendable () -> Instant = { WallClock.now }
        let keys = AssertionKeyRing(store: store, randomBytes: SystemRandom.bytes)
        try await keys.maintain(now: clock())
        let fetch = try FetchClient(allowedNetworks: configuration.allowedNetworks)
        let providers = ProviderDirectory(fetcher: FetchAdapter(client: fetch), clock: { clock().milliseconds })
        let signOn = SignOnService(
            store: store, providers: providers,
            metadata: { url in
                let request = FetchRequest(url: url, maximumBodyBytes: maximumMetadataBytes)
                guard let response = try? await fetch.send(request), response.status == 200 else { return nil }
                return response.body
            }, keys: keys, settings: configuration.signOnSettings, logger: logger, clock: clock, randomBytes: SystemRandom.bytes)
        let web = try WebApplication(signOn: signOn, keys: keys, logger: logger, clock: ContinuousClock())
        let refused: @Sendable (String, String) -> Void = { requestID, label in
            logger.debug("request refused", metadata: ["request_id": "\(requestID)", "reason": "\(label)"])
        }
        let upstreamChanged: @Sendable (UpstreamReport) -> Void = { report in
            logger.warning(
                "upstream changed",
                metadata: ["upstream": "\(report.upstream)", "state": "\(report.change.rawValue)", "reason": "\(report.reason)"])
        }
        let proxy = ProxyServer(
            settings: try configuration.proxySettings(loops: loops), routes: try configuration.routeTable(),
            sessions: IdentitySource(signOn: signOn), local: WebResponder(application: web),
            clock: { clock().milliseconds }, onRefusal: refused, onUpstreamChange: upstreamChanged)
        let health = HealthResponder(store: store)
        let admin = try configuration.admin.map { admin in
            ProxyServer(
                settings: try configuration.adminSettings(admin),
                routes: try RouteTable(routes: [], externalHost: configuration.externalURL.host),
                sessions: IdentitySource(signOn: signOn), local: health, clock: { clock().milliseconds }, onRefusal: refused)
        }
        return Parts(
            store: store, fetch: fetch, signOn: signOn, keys: keys, proxy: proxy, admin: admin, health: health, logger: logger,
            auditing: auditing)
    }

    static func openStore(_ location: StoreLocation) async throws -> Store {
        switch location {
        case .sqlite(let path):
            do {
                return try await Store.open(.sqlite(path: path))
            } catch let error as StoreError {
                throw StartFailure("The store can't be opened. \(error)")
            }
        case .postgresql: throw StartFailure("A PostgreSQL store is not served by this version: use sqlite:PATH.")
        }
    }

    /// Imports and records it, or changes nothing and records why.
    private static func importing(
        _ declaration: Declaration, into store: Store, as outcome: @escaping @Sendable (ImportSummary) -> ConfigurationOutcome
    ) async throws -> ImportSummary {
        let now = WallClock.now
        let eventID = IdentifierMint(randomBytes: SystemRandom.bytes).event()
        do {
            return try await store.write { transaction in
                let summary = try transaction.importDeclaration(declaration, at: now)
                try transaction.append(.configuration(outcome(summary), id: eventID, at: now))
                return summary
            }
        } catch let refusal as ImportRefusal {
            let problems = refusal.problems.map(\.description)
            try await store.write { try $0.append(.configuration(.refused(problems), id: eventID, at: now)) }
            throw refusal
        }
    }

    private static func handOverPath(_ store: StoreLocation) throws -> String {
        switch store {
        case .sqlite(let path): HandOver.path(besideStore: path)
        case .postgresql: throw StartFailure("--take-over needs a store in a file: replicas on PostgreSQL are replaced one by one.")
        }
    }

    /// Listens, and offers the sockets to whoever is to take over from this process.
    private static func listen(
        _ parts: Parts, _ configuration: Configuration, inherited: [InheritedSocket], accepts: Bool
    ) async throws -> HandOverOffer? {
        do {
            _ = try await parts.admin?.start(inheriting: inherited, accepts: accepts)
            _ = try await parts.proxy.start(inheriting: inherited, accepts: accepts)
        } catch let error as ListenError {
            throw StartFailure.listening(error)
        } catch let error as IOError {
            throw StartFailure.listening(on: configuration.listen.map(\.description).joined(separator: ", "), errno: error.errnoCode)
        }
        let sockets = parts.proxy.listeningSockets + (parts.admin?.listeningSockets ?? [])
        // Connections would wait in the queue of a socket that nobody listens on any more.
        for socket in inherited where !sockets.contains(where: { $0.descriptor == socket.descriptor }) { close(socket.descriptor) }
        guard let path = try? handOverPath(configuration.store) else { return nil }
        do {
            return try HandOverOffer(path: path, sockets: sockets)
        } catch {
            parts.logger.warning("no other process can take over from this one", metadata: ["reason": "\(error)"])
            return nil
        }
    }

    /// A key that another process has begun to publish is published here as well.
    private static func loadKeys(_ keys: AssertionKeyRing, logger: Logger) {
        Task {
            do {
                try await keys.load()
            } catch {
                logger.error("assertion keys could not be loaded", metadata: ["error": "\(type(of: error))"])
            }
        }
    }

    private static func keepHouse(_ parts: Parts) -> Task<Void, Never> {
        let (signOn, keys, logger) = (parts.signOn, parts.keys, parts.logger)
        return Task {
            var untilKeys = keyMaintenanceInterval
            while !Task.isCancelled {
                // Throws when the task is cancelled, and only then.
                guard (try? await Task.sleep(for: housekeepingInterval)) != nil else { return }
                await signOn.writeLastSeen()
                await signOn.removeExpired()
                untilKeys -= housekeepingInterval
                guard untilKeys <= .zero else { continue }
                untilKeys = keyMaintenanceInterval
                do {
                    try await keys.maintain(now: WallClock.now)
                } catch {
                    logger.error("assertion keys could not be maintained", metadata: ["error": "\(type(of: error))"])
                }
            }
        }
    }

    /// Records that a new file was not taken over. One sentence a problem.
    func noteRefusedConfiguration(_ problems: [String]) async {
        let event = AuditEvent.configuration(
            .refused(problems), id: IdentifierMint(randomBytes: SystemRandom.bytes).event(), at: WallClock.now)
        do {
            try await store.write { try $0.append(event) }
        } catch {
            logger.error("a refused configuration could not be recorded", metadata: ["error": "\(type(of: error))"])
        }
    }

    /// Takes over a new configuration, whole or not at all. What can only change at a start is refused by name.
    func reload(_ new: Configuration) async throws {
        let old = configuration.withLock { $0 }
        let fixed = [
            ("external_url", old.externalURL != new.externalURL), ("listen", old.listen != new.listen),
            ("store", old.store != new.store),
            (
                "trusted_proxies",
                old.trustedProxies != new.trustedProxies || old.trustsUnixSockets != new.trustsUnixSockets
            ),
            ("proxy_protocol_from", old.proxyProtocolFrom != new.proxyProtocolFrom),
            ("unix_socket_mode", old.unixSocketMode != new.unixSocketMode),
            ("[admin]", old.admin?.withoutTLS != new.admin?.withoutTLS), ("[limits]", old.limits != new.limits),
            // Certificates may change; whether there are any decides what the listeners speak.
            ("[tls]", (old.tls == nil) != (new.tls == nil)), ("admin.tls", (old.admin?.tls == nil) != (new.admin?.tls == nil)),
            ("[log]", old.log != new.log),
        ].filter(\.1).map(\.0)
        guard fixed.isEmpty else {
            let problem = "A change of \(fixed.joined(separator: ", ")) needs a restart. Nothing was changed."
            await noteRefusedConfiguration([problem])
            throw StartFailure(problem)
        }
        // All that can fail comes before the first change.
        let table = try new.routeTable()
        let tls = try new.tlsContext()
        let adminTLS = try new.adminTLSContext()
        let summary = try await Self.importing(new.declaration, into: store) { .reloaded($0) }
        fetch.replaceAllowedNetworks(new.allowedNetworks)
        signOn.replaceSettings(new.signOnSettings)
        await proxy.replace(routes: table)
        if let tls { await proxy.replace(tls: tls) }
        if let adminTLS { await admin?.replace(tls: adminTLS) }
        // Routes and roles of cached answers may be others now.
        proxy.invalidate(.everything)
        configuration.withLock { $0 = new }
        logger.info("configuration reloaded", metadata: ["changes": "\(summary)"])
    }

    /// For which the admin listener lets its requests end.
    private static let adminDrain: Duration = .seconds(5)

    /// Stops accepting, lets requests under way end, and closes the store last.
    func stop(_ end: SignalLoop.End = .stopped) async {
        housekeeping.cancel()
        let deadline = configuration.withLock { $0.limits.drainTimeout }
        switch end {
        case .stopped:
            // Told for as long as requests end: a balancer sends none here any more.
            health.drain()
            await offer?.withdraw(removesPath: true)
            await proxy.shutDown(deadline: deadline)
            await admin?.shutDown(deadline: Self.adminDrain)
        case .handedOver:
            // Another process serves on the same sockets, and answers for them.
            await offer?.withdraw(removesPath: false)
            await proxy.stopAccepting()
            await admin?.stopAccepting()
            offer?.releaseSuccessor()
            async let adminEnds: Void? = admin?.shutDown(deadline: Self.adminDrain, paths: .keep)
            await proxy.shutDown(deadline: deadline, paths: .keep)
            _ = await adminEnds
        }
        observation.cancel()
        await signOn.writeLastSeen()
        await signOn.settle()
        auditing.cancel()
        await fetch.shutDown()
        do {
            try await store.close()
        } catch {
            logger.error("the store did not close cleanly", metadata: ["error": "\(type(of: error))"])
        }
    }
}
