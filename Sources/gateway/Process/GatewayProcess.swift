import ConfigurationFile
import Fetch
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
    /// How long requests under way may take after a stop was asked for.
    static let drainDeadline: Duration = .seconds(20)
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

    private init(parts: Parts, configuration: Configuration, observation: Observation, housekeeping: Task<Void, Never>) {
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
    }

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
    static func start(_ configuration: Configuration, logger: Logger, loops: Int = System.coreCount) async throws -> GatewayProcess {
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
            try await listen(parts.proxy, on: configuration.listen)
            if let admin = parts.admin { try await listen(admin, on: configuration.admin?.listen ?? []) }
            logger.info(
                "serving",
                metadata: [
                    "external_url": "\(configuration.externalURL.text)",
                    "listen": "\(configuration.listen.map(\.description).joined(separator: " "))",
                ])
            return GatewayProcess(
                parts: parts, configuration: configuration, observation: observation, housekeeping: keepHouse(parts))
        } catch {
            await parts.proxy.shutDown(deadline: .zero)
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
        let web = try WebApplication(signOn: signOn, keys: keys, logger: logger)
        let refused: @Sendable (String, String) -> Void = { requestID, label in
            logger.debug("request refused", metadata: ["request_id": "\(requestID)", "reason": "\(label)"])
        }
        let proxy = ProxyServer(
            settings: configuration.proxySettings(loops: loops), routes: try configuration.routeTable(),
            sessions: IdentitySource(signOn: signOn), local: WebResponder(application: web),
            clock: { clock().milliseconds }, onRefusal: refused)
        let health = HealthResponder(store: store)
        let admin = try configuration.admin.map { admin in
            ProxyServer(
                settings: ProxySettings(
                    listen: admin.listen.map(Configuration.listenAddress), loops: 1,
                    secureCookies: configuration.externalURL.scheme == .https),
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

    private static func listen(_ server: ProxyServer, on addresses: [ConfigurationFile.ListenAddress]) async throws {
        do {
            _ = try await server.start()
        } catch let error as IOError {
            throw StartFailure.listening(on: addresses.map(\.description).joined(separator: ", "), errno: error.errnoCode)
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
            ("store", old.store != new.store), ("trusted_proxies", old.trustedProxies != new.trustedProxies),
            ("[admin]", old.admin != new.admin), ("[limits]", old.limits != new.limits), ("[tls]", old.tls != new.tls),
        ].filter(\.1).map(\.0)
        guard fixed.isEmpty else {
            let problem = "A change of \(fixed.joined(separator: ", ")) needs a restart. Nothing was changed."
            await noteRefusedConfiguration([problem])
            throw StartFailure(problem)
        }
        let table = try new.routeTable()
        let summary = try await Self.importing(new.declaration, into: store) { .reloaded($0) }
        fetch.replaceAllowedNetworks(new.allowedNetworks)
        signOn.replaceSettings(new.signOnSettings)
        proxy.replace(routes: table)
        // Routes and roles of cached answers may be others now.
        proxy.invalidate(.everything)
        configuration.withLock { $0 = new }
        logger.info("configuration reloaded", metadata: ["changes": "\(summary)"])
    }

    /// Stops accepting, lets requests under way end, and closes the store last.
    func stop() async {
        health.drain()
        housekeeping.cancel()
        await proxy.shutDown(deadline: Self.drainDeadline)
        await admin?.shutDown(deadline: .seconds(1))
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
