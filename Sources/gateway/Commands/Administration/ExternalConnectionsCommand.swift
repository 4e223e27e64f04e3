import ArgumentParser
import SignOn
import Storage
import Tenancy

struct ExternalConnectionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "external-connections",
        abstract: "List, ask for, approve, confirm, sever, disable and enable external connections.",
        subcommands: [
            ListExternalConnections.self, RequestExternalConnection.self, ConsentCommand<Approve>.self, ConsentCommand<Confirm>.self,
            ConsentCommand<Sever>.self, ConsentCommand<Disable>.self, ConsentCommand<Enable>.self,
        ])

    enum Approve: ConsentWord {
        static let act = ConsentAct.approve
        static let abstract = "Approve one that the borrower's administrator asked for, as the owner's."
    }
    enum Confirm: ConsentWord {
        static let act = ConsentAct.confirm
        static let abstract = "Confirm one whose identity provider the owner changed, as the borrower's administrator."
    }
    enum Sever: ConsentWord {
        static let act = ConsentAct.sever
        static let abstract = "End one for good, as either side. Its sessions end within a second."
    }
    enum Disable: ConsentWord {
        static let act = ConsentAct.disable
        static let abstract = "Take no sign-in through one for a while, as the borrower. Its sessions end within a second."
    }
    enum Enable: ConsentWord {
        static let act = ConsentAct.enable
        static let abstract = "Take up a disabled one again, as the borrower."
    }
}

/// One act of consent as a command.
protocol ConsentWord: SendableMetatype {
    static var act: ConsentAct { get }
    static var abstract: String { get }
}

struct ConsentCommand<Word: ConsentWord>: AdministrationCommand {
    static var configuration: CommandConfiguration { CommandConfiguration(commandName: Word.act.rawValue, abstract: Word.abstract) }

    @OptionGroup var options: AdministrationOptions
    @Argument(help: ArgumentHelp("The external connection.", valueName: "name or id")) var name: String

    func act(_ administration: Administration, as administrator: Administrator) async throws -> String {
        let link = try await administration.read { try $0.externalConnection(named: name).get().externalConnection.id }
        let stored = try await administration.act(Word.act, on: link, by: administrator).get()
        return "\(stored.name): \(stored.externalConnection.status.words)"
    }
}

struct RequestExternalConnection: AdministrationCommand {
    static let configuration = CommandConfiguration(
        commandName: "request",
        abstract: "Let an organization accept another one's connection.",
        discussion: """
            As the operator it is active at once. As the borrower's administrator it is pending until the owner's approves it.
            """)

    @OptionGroup var options: AdministrationOptions
    @Option(help: ArgumentHelp("The borrower.", valueName: "slug or id")) var organization: String
    @Option(help: ArgumentHelp("The connection of the other organization.", valueName: "name or id")) var connection: String
    @Option(help: ArgumentHelp("What to call it.", valueName: "text")) var name: String
    @Option(help: ArgumentHelp("Shown to people; by default the name.", valueName: "text")) var displayName: String?
    @Option(help: ArgumentHelp("Whom it may sign in; by default everybody whom the owner's IdP asserts.", valueName: "a,b"))
    var emailDomains: CommaList?
    @Option(help: ArgumentHelp("Roles of everybody who comes through it.", valueName: "a,b")) var roles: CommaList?
    @Option(help: ArgumentHelp("No other role comes through it.", valueName: "a,b")) var roleCeiling: CommaList?
    @Flag(help: "It makes members just in time.") var jit = false

    func act(_ administration: Administration, as administrator: Administrator) async throws -> String {
        let (borrower, root) = try await administration.read { transaction in
            (try transaction.organization(named: organization).get().id, try transaction.connection(named: connection).get().connection.id)
        }
        let request = ExternalConnectionRequest(
            name: name, displayName: displayName ?? name, borrowerID: borrower, connectionID: root, provisions: jit,
            emailDomains: try emailDomains?.domains(), roles: roles?.roles ?? [], roleCeiling: roleCeiling?.roles)
        let stored = try await administration.request(request, by: administrator).get()
        let link = stored.externalConnection
        return "\(stored.name): \(link.status.words)  \(link.id)"
    }
}

struct ListExternalConnections: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Every external connection and its state.")

    @OptionGroup var options: ListOptions

    func run() async throws {
        try await options.show(["name", "borrower", "connection", "owner", "state", "file", "id"]) { transaction in
            let names = Names(transaction)
            var rows: [[String]] = []
            var last: ExternalConnectionID?
            while true {
                let page = try transaction.externalConnections(after: last, limit: ListPage.size)
                for stored in page {
                    let link = stored.externalConnection
                    let owner = try transaction.connection(link.connectionID)?.connection.organizationID
                    rows.append([
                        stored.name, try names.organization(link.borrowerID), try names.connection(link.connectionID),
                        try owner.map(names.organization) ?? "", link.status.words, stored.isManaged ? "declared" : "",
                        link.id.rawValue,
                    ])
                }
                guard let end = page.last else { return rows }
                last = end.externalConnection.id
            }
        }
    }
}

extension ExternalConnection.Status {
    /// For people.
    var words: String {
        switch self {
        case .active: "active"
        case .pendingApproval: "pending approval by the owner"
        case .pendingConfirmation: "pending confirmation by the borrower"
        case .disabled: "disabled"
        case .severed: "severed"
        }
    }
}
