import ArgumentParser
import ConfigurationFile
import SAML
import Tenancy

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Print every problem of the configuration, or what it would serve.")

    @OptionGroup var file: ConfigurationOption

    func run() async throws {
        let name = ConfigurationReport.fileName(file.path)
        switch Configuration.load(path: file.path) {
        case .invalid(let problems):
            for problem in problems { Terminal.line(ConfigurationReport.line(problem, in: name)) }
            throw ExitCode.failure
        case .valid(let configuration, let warnings):
            for warning in warnings { Terminal.line(ConfigurationReport.line(warning, in: name)) }
            let unreadable = Self.unusableIdentityProviders(of: configuration)
            for problem in unreadable { Terminal.line("\(name):1: \(problem)") }
            let unusable = configuration.tlsProblems + (configuration.routeProblem.map { [$0] } ?? [])
            for problem in unusable { Terminal.line(ConfigurationReport.line(problem, in: name)) }
            guard unreadable.isEmpty, unusable.isEmpty else { throw ExitCode.failure }
            Terminal.line(Self.summary(of: configuration).joined(separator: "\n"))
        }
    }

    /// What only SAML can read: metadata documents, certificates and keys.
    private static func unusableIdentityProviders(of configuration: Configuration) -> [String] {
        configuration.declaration.connections.compactMap { declared in
            guard case .saml(let settings) = declared.settings else { return nil }
            do {
                switch settings.identityProvider {
                case .metadataURL: break
                case .metadata(let text):
                    _ = try IdentityProvider.parse(
                        metadata: Array(text.utf8), expectedEntityID: nil, now: WallClock.now.milliseconds
                    ).get()
                case .fields(let entityID, let url, let certificates):
                    _ = try IdentityProvider(entityID: entityID, singleSignOnURL: url, certificatesPEM: certificates)
                }
                if let key = settings.decryptionKey { _ = try DecryptionKey(pem: Array(key.revealed.utf8)) }
                return nil
            } catch {
                let label = (error as? SAMLRefusal)?.label ?? "unreadable"
                return "connection \"\(declared.name)\": its metadata, certificate or key can't be used (\(label))"
            }
        }
    }

    private static func summary(of configuration: Configuration) -> [String] {
        let declaration = configuration.declaration
        let slugs = Dictionary(declaration.organizations.map { ($0.id, $0.slug) }) { first, _ in first }
        let names = Dictionary(declaration.connections.map { ($0.connection.id, $0.name) }) { first, _ in first }
        var lines = [
            "serves \(configuration.externalURL.text) on \(configuration.listen.map(\.description).joined(separator: ", "))",
            "store \(configuration.store)",
        ]
        lines += declaration.organizations.map { "organization \($0.slug): \($0.members.count) declared members" }
        lines += declaration.connections.map {
            "connection \($0.name): \($0.connection.kind.rawValue) of \(slugs[$0.connection.organizationID] ?? "?")"
        }
        lines += declaration.externalConnections.map {
            let link = $0.externalConnection
            return "external connection \($0.name): \(slugs[link.borrowerID] ?? "?") borrows \(names[link.connectionID] ?? "?")"
        }
        lines += configuration.routes.map { route in
            "route \(route.host)\(route.path) for \(route.organizationSlug ?? "the organization of the label")"
                + " to \(route.upstreams.map(\.description).joined(separator: ", "))"
                + (route.upstreamSettings.speaksHTTP2 ? " in HTTP/2" : "")
        }
        return lines
    }
}
