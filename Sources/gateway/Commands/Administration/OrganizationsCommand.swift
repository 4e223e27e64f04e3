import ArgumentParser
import SignOn
import Storage
import Tenancy

struct OrganizationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "organizations", abstract: "List, suspend, reactivate and delete organizations.",
        subcommands: [
            ListOrganizations.self, SetOrganizationStatus<Suspend>.self, SetOrganizationStatus<Reactivate>.self,
            SetOrganizationStatus<Delete>.self,
        ])

    enum Suspend: OrganizationStatusWord {
        static let name = "suspend"
        static let status = Organization.Status.suspended
        static let abstract = "Let nobody in, nor anybody elsewhere through its connections. Sessions end within a second."
    }
    enum Reactivate: OrganizationStatusWord {
        static let name = "reactivate"
        static let status = Organization.Status.active
        static let abstract = "Let its people in again."
    }
    enum Delete: OrganizationStatusWord {
        static let name = "delete"
        static let status = Organization.Status.deleted
        static let abstract = "Suspend it for good. One that the file declares can only be suspended."
    }
}

protocol OrganizationStatusWord: SendableMetatype {
    static var name: String { get }
    static var status: Organization.Status { get }
    static var abstract: String { get }
}

struct SetOrganizationStatus<Word: OrganizationStatusWord>: AdministrationCommand {
    static var configuration: CommandConfiguration { CommandConfiguration(commandName: Word.name, abstract: Word.abstract) }

    @OptionGroup var options: AdministrationOptions
    @Argument(help: ArgumentHelp("The organization.", valueName: "slug or id")) var organization: String

    func act(_ administration: Administration, as administrator: Administrator) async throws -> String {
        let id = try await administration.read { try $0.organization(named: organization).get().id }
        let changed = try await administration.setStatus(of: id, to: Word.status, by: administrator).get()
        return "\(changed.slug): \(changed.status.rawValue)"
    }
}

struct ListOrganizations: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Every organization and its state.")

    @OptionGroup var options: ListOptions

    func run() async throws {
        try await options.show(["slug", "name", "state", "file", "created", "id"]) { transaction in
            var rows: [[String]] = []
            var last: OrganizationID?
            while true {
                let page = try transaction.organizations(after: last, limit: ListPage.size)
                for organization in page {
                    rows.append([
                        organization.slug, organization.name, organization.status.rawValue,
                        try transaction.isManaged(organization.id) ? "declared" : "", InstantText.text(organization.createdAt),
                        organization.id.rawValue,
                    ])
                }
                guard let end = page.last else { return rows }
                last = end.id
            }
        }
    }
}
