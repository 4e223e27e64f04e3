extension DemoWorld {
    /// The identity providers and applications, listening.
    public final class Running: Sendable {
        /// As bound.
        public let ports: Ports
        /// Whether they listen on ::1 too.
        public let hasIPv6: Bool
        /// The gateway's `gateway.conf` names files that hold these.
        public let secrets: DemoSecrets

        let oidc: DemoServer<DemoIdentityProvider>
        let saml: DemoServer<DemoSAMLIdentityProvider>
        let wiki: DemoServer<DemoApplication>
        let tickets: DemoServer<DemoApplication>

        public var identityProvider: DemoIdentityProvider { oidc.site }
        public var samlIdentityProvider: DemoSAMLIdentityProvider { saml.site }

        init(
            ports: Ports, secrets: DemoSecrets, oidc: DemoServer<DemoIdentityProvider>,
            saml: DemoServer<DemoSAMLIdentityProvider>, wiki: DemoServer<DemoApplication>, tickets: DemoServer<DemoApplication>
        ) {
            var bound = ports
            bound.oidc = oidc.port
            bound.saml = saml.port
            bound.wiki = wiki.port
            bound.tickets = tickets.port
            self.ports = bound
            hasIPv6 = oidc.hasIPv6 && saml.hasIPv6
            self.secrets = secrets
            self.oidc = oidc
            self.saml = saml
            self.wiki = wiki
            self.tickets = tickets
        }

        public func stop() async {
            await oidc.stop()
            await saml.stop()
            await wiki.stop()
            await tickets.stop()
        }

        /// What to write into the demo's folder: `gateway.conf` and the files that it names.
        ///
        /// - Parameter storePath: of the gateway's SQLite database.
        public func files(storePath: String) -> [DemoFile] {
            [
                DemoFile(
                    name: "gateway.conf",
                    contents: DemoWorld.configuration(ports: ports, storePath: storePath, listensOnIPv6: hasIPv6)),
                DemoFile(name: DemoWorld.clientSecretFile, contents: secrets.client),
                DemoFile(name: DemoWorld.projectSecretFile, contents: secrets.project),
            ]
        }
    }

    /// Starts the identity providers and the applications.
    ///
    /// - Parameters:
    ///   - ports: `gateway` is where the gateway is going to listen; it is part of addresses.
    ///   - fetch: gets the body at a URL of the gateway, for the applications to check assertions with.
    /// - Throws: what kept a port from being bound or a key from being made. Nothing is left running then.
    public static func start(
        ports: Ports, environment: DemoEnvironment = .system, fetch: @escaping @Sendable (String) async throws -> [UInt8]
    ) async throws -> Running {
        let secrets = DemoSecrets(environment: environment)
        let oidc = try await DemoServer.start(port: ports.oidc) { port in
            var ports = ports
            ports.oidc = port
            let client = DemoIdentityProvider.Client(
                id: clientID, secret: secrets.client, redirectURIs: [ports.callback(oidcConnectionID)])
            return try DemoIdentityProvider(
                issuer: ports.issuer, settings: .init(clients: [client]), environment: environment)
        }
        do {
            let saml = try await DemoServer.start(port: ports.saml) { port in
                var ports = ports
                ports.saml = port
                let consumer = ports.callback(samlConnectionID)
                return try DemoSAMLIdentityProvider(
                    origin: ports.samlOrigin, settings: .init(serviceProviders: [consumer: consumer]), environment: environment)
            }
            do {
                let (wiki, tickets) = try await startApplications(ports: ports, environment: environment, fetch: fetch)
                return Running(ports: ports, secrets: secrets, oidc: oidc, saml: saml, wiki: wiki, tickets: tickets)
            } catch {
                await saml.stop()
                throw error
            }
        } catch {
            await oidc.stop()
            throw error
        }
    }

    private static func startApplications(
        ports: Ports, environment: DemoEnvironment, fetch: @escaping @Sendable (String) async throws -> [UInt8]
    ) async throws -> (wiki: DemoServer<DemoApplication>, tickets: DemoServer<DemoApplication>) {
        let keySetURL = ports.gatewayOrigin + "/.well-known/jwks.json"
        func application(_ kind: DemoApplication.Kind) -> DemoApplication {
            DemoApplication(
                settings: .init(
                    kind: kind, gatewayOrigin: ports.gatewayOrigin, hostSuffix: kind.rawValue + ".localhost", port: ports.gateway),
                environment: environment, fetchKeys: { try await fetch(keySetURL) })
        }
        let wiki = try await DemoServer.start(port: ports.wiki) { _ in application(.wiki) }
        do {
            return (wiki, try await DemoServer.start(port: ports.tickets) { _ in application(.tickets) })
        } catch {
            await wiki.stop()
            throw error
        }
    }
}
