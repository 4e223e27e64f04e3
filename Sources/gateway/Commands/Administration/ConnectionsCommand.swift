import ArgumentParser
import SignOn
import Storage
import Tenancy

struct ConnectionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connections", abstract: "List, disable, enable and delete connections, or point them at another IdP.",
        subcommands: [
            ListConnections.self, SetConnectionStatus<Disable>.self, SetConnectionStatus<Enable>.self, SetConnectionStatus<Delete>.self,
            SetIdentityProvider<Issuer>.self, SetIdentityProvider<EntityID>.self,
        ])

    enum Disable: ConnectionStatusWord {
        static let name = "disable"
        static let status = Connection.Status.disabled
        static let abstract = "Let nobody sign in through it, in whatever organization. Its sessions end within a second."
    }
    enum Enable: ConnectionStatusWord {
        static let name = "enable"
        static let status = Connection.Status.active
        static let abstract = "Take a disabled one up again."
    }
    enum Delete: ConnectionStatusWord {
        static let name = "delete"
        static let status = Connection.Status.deleted
        static let abstract = "Disable it for good. One that the file declares can only be disabled."
    }
    enum Issuer: IdentityProviderWord {
        static let name = "set-issuer"
        static let kind = ConnectionKind.oidc
        static let abstract = "Point an OIDC connection at another issuer."
    }
    enum EntityID: IdentityProviderWord {
        static let name = "set-idp-entity-id"
        static let kind = ConnectionKind.saml
        static let abstract = "Point a SAML connection at another identity provider's entity ID."
    }
}

protocol ConnectionStatusWord: SendableMetatype {
    static var name: String { get }
    static var status: Connection.Status { get }
    static var abstract: String { get }
}

struct SetConnectionStatus<Word: ConnectionStatusWord>: AdministrationCommand {
    static var configuration: CommandConfiguration { CommandConfiguration(commandName: Word.name, abstract: Word.abstract) }

    @OptionGroup var options: AdministrationOptions
    @Argument(help: ArgumentHelp("The connection.", valueName: "name or id")) var name: String

    func act(_ administration: Administration, as administrator: Administrator) async throws -> String {
        let id = try await administration.read { try $0.connection(named: name).get().connection.id }
        let stored = try await administration.setStatus(of: id, to: Word.status, by: administrator).get()
        return "\(stored.name): \(stored.connection.status.rawValue)"
    }
}

protocol IdentityProviderWord: SendableMetatype {
    static var name: String { get }
    static var kind: ConnectionKind { get }
    static var abstract: String { get }
}

struct SetIdentityProvider<Word: IdentityProviderWord>: AdministrationCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: Word.name, abstract: Word.abstract,
            discussion: "As the owner's administrator, every borrower has to confirm its external connection afterwards.")
    }

    @OptionGroup var options: AdministrationOptions
    @Argument(help: ArgumentHelp("The connection.", valueName: "name or id")) var name: String
    @Argument(help: ArgumentHelp("As the identity provider writes it, byte by byte.", valueName: "issuer or entity ID"))
    var identityProvider: String

    func act(_ administration: Administration, as administrator: Administrator) async throws -> String {
        let stored = try await administration.read { try $0.connection(named: name).get() }
        guard stored.connection.kind == Word.kind else { throw AdministrationRefusal.wrongProtocol(stored.connection.kind) }
        let id = stored.connection.id
        let changed = try await administration.setIdentityProvider(of: id, to: identityProvider, by: administrator).get()
        let waiting = try await administration.read { transaction in
            try transaction.externalConnections(to: id).filter { $0.externalConnection.status == .pendingConfirmation }.map(\.name)
        }
        let rest = waiting.isEmpty ? "" : "; to be confirmed by their borrowers: \(waiting.joined(separator: ", "))"
        return "\(changed.name): now at \(identityProvider)\(rest)"
    }
}

struct ListConnections: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Every connection and its state.")

    @OptionGroup var options: ListOptions

    func run() async throws {
        try await options.show(["name", "owner", "type", "state", "file", "id"]) { transaction in
            let names = Names(transaction)
            var rows: [[String]] = []
            var last: ConnectionID?
            while true {
                let page = try transaction.connections(after: last, limit: ListPage.size)
                for stored in page {
                    let connection = stored.connection
                    rows.append([
                        stored.name, try names.organization(connection.organizationID), connection.kind.rawValue,
                        connection.status.rawValue, stored.isManaged ? "declared" : "", connection.id.rawValue,
                    ])
                }
                guard let end = page.last else { return rows }
                last = end.connection.id
            }
        }
    }
}
