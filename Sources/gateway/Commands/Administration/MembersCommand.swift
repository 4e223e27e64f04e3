import ArgumentParser
import SignOn
import Storage
import Tenancy

struct MembersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "members", abstract: "List, add, suspend, reactivate, delete, link and unlink members, and assign their roles.",
        subcommands: [
            ListMembers.self, AddMember.self, SetMemberStatus<Suspend>.self, SetMemberStatus<Reactivate>.self,
            SetMemberStatus<Delete>.self, LinkMember.self, UnlinkMember.self, AssignRoles.self,
        ])

    enum Suspend: MemberStatusWord {
        static let name = "suspend"
        static let status = Member.Status.suspended
        static let abstract = "Refuse the person in this organization. Their sessions there end within a second."
    }
    enum Reactivate: MemberStatusWord {
        static let name = "reactivate"
        static let status = Member.Status.active
        static let abstract = "Let a suspended or deleted member in again."
    }
    enum Delete: MemberStatusWord {
        static let name = "delete"
        static let status = Member.Status.deleted
        static let abstract = "Refuse the person, as one who has left. One that the file declares can only be suspended."
    }
}

/// `--organization` and `--member`.
struct MemberOptions: ParsableArguments {
    @OptionGroup var options: AdministrationOptions
    @Option(help: ArgumentHelp("The member's organization.", valueName: "slug or id")) var organization: String
    @Option(help: ArgumentHelp("The member.", valueName: "email or id")) var member: String

    func id(in administration: Administration) async throws -> MemberID {
        try await administration.read { transaction in
            let organizationID = try transaction.organization(named: organization).get().id
            return try transaction.member(named: member, of: organizationID).get().id
        }
    }
}

protocol MemberCommand: AdministrationCommand {
    var member: MemberOptions { get }
}

extension MemberCommand {
    var options: AdministrationOptions { member.options }
}

protocol MemberStatusWord: SendableMetatype {
    static var name: String { get }
    static var status: Member.Status { get }
    static var abstract: String { get }
}

struct SetMemberStatus<Word: MemberStatusWord>: MemberCommand {
    static var configuration: CommandConfiguration { CommandConfiguration(commandName: Word.name, abstract: Word.abstract) }

    @OptionGroup var member: MemberOptions

    func act(_ administration: Administration, as administrator: Administrator) async throws -> String {
        let id = try await member.id(in: administration)
        let changed = try await administration.setStatus(of: id, to: Word.status, by: administrator).get()
        return "\(changed.email): \(changed.status.rawValue)"
    }
}

struct AddMember: AdministrationCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add a member before their first sign-in.")

    @OptionGroup var options: AdministrationOptions
    @Option(help: ArgumentHelp("The organization.", valueName: "slug or id")) var organization: String
    @Option(help: ArgumentHelp("The address that the identity provider will assert.", valueName: "address")) var email: String
    @Option(help: ArgumentHelp("Shown to people; by default what the identity provider says.", valueName: "text")) var name = ""
    @Option(help: ArgumentHelp("Roles assigned directly.", valueName: "a,b")) var roles: CommaList?

    func act(_ administration: Administration, as administrator: Administrator) async throws -> String {
        guard let address = EmailAddress(email) else { throw CommandFailure("\"\(email)\" is no e-mail address.") }
        let id = try await administration.read { try $0.organization(named: organization).get().id }
        let added = try await administration.addMember(
            to: id, email: address, name: name, roles: roles?.roles ?? [], by: administrator
        ).get()
        return "\(added.email): added  \(added.id)"
    }
}

struct LinkMember: MemberCommand {
    static let configuration = CommandConfiguration(
        commandName: "link", abstract: "Make an identity provider's subject recognizable as the member.",
        discussion: "For whom an address alone is not enough, such as an administrator who comes through an external connection.")

    @OptionGroup var member: MemberOptions
    @Option(help: ArgumentHelp("The connection, never an external one.", valueName: "name or id")) var connection: String
    @Option(help: ArgumentHelp("The subject, as the identity provider writes it.", valueName: "text")) var subject: String
    @Option(help: ArgumentHelp("The issuer or entity ID, where the connection does not state it.", valueName: "text"))
    var issuer: String?

    func act(_ administration: Administration, as administrator: Administrator) async throws -> String {
        let id = try await member.id(in: administration)
        let stored = try await administration.read { try $0.connection(named: connection).get() }
        let linked = try await administration.link(
            id, through: stored.connection.id, issuer: issuer, subject: subject, by: administrator
        ).get()
        return "\(linked.email): linked through \(stored.name)"
    }
}

struct UnlinkMember: MemberCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlink",
        abstract: "Forget the member's subjects of a connection. Their sessions that came through it end within a second.")

    @OptionGroup var member: MemberOptions
    @Option(help: ArgumentHelp("The connection, never an external one.", valueName: "name or id")) var connection: String

    func act(_ administration: Administration, as administrator: Administrator) async throws -> String {
        let id = try await member.id(in: administration)
        let stored = try await administration.read { try $0.connection(named: connection).get() }
        let unlinked = try await administration.unlink(id, from: stored.connection.id, by: administrator).get()
        return "\(unlinked.email): not linked through \(stored.name) any more"
    }
}

struct AssignRoles: MemberCommand {
    static let configuration = CommandConfiguration(
        commandName: "assign-roles", abstract: "Replace the roles assigned directly; those of rules stay.")

    @OptionGroup var member: MemberOptions
    @Option(help: ArgumentHelp("All of them; \"\" for none.", valueName: "a,b")) var roles: CommaList

    func act(_ administration: Administration, as administrator: Administrator) async throws -> String {
        let id = try await member.id(in: administration)
        let changed = try await administration.assignRoles(roles.roles, to: id, by: administrator).get()
        let assigned = changed.roles.sorted().map(\.rawValue).joined(separator: ", ")
        return "\(changed.email): \(assigned.isEmpty ? "no role" : assigned)"
    }
}

struct ListMembers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "The members of an organization.")

    @OptionGroup var options: ListOptions
    @Option(help: ArgumentHelp("The organization.", valueName: "slug or id")) var organization: String

    func run() async throws {
        let organization = organization
        try await options.show(["email", "name", "state", "roles", "linked", "file", "id"]) { transaction in
            let id = try transaction.organization(named: organization).get().id
            let names = Names(transaction)
            var rows: [[String]] = []
            var last: EmailAddress?
            while true {
                let page = try transaction.members(of: id, after: last, limit: ListPage.size)
                for member in page {
                    let links = Set(try transaction.subjectLinks(of: member.id).map(\.connectionID))
                    rows.append([
                        member.email.rawValue, member.name, member.status.rawValue,
                        member.roles.sorted().map(\.rawValue).joined(separator: ","),
                        try links.sorted().map(names.connection).joined(separator: ","),
                        try transaction.isManaged(member.id) ? "declared" : "", member.id.rawValue,
                    ])
                }
                guard let end = page.last else { return rows }
                last = end.email
            }
        }
    }
}
