import ArgumentParser
import SignOn
import Storage
import Tenancy

/// A command that does one act of administration and prints one line.
protocol AdministrationCommand: AsyncParsableCommand {
    var options: AdministrationOptions { get }

    /// Finds what the arguments name, acts, and says in one line what came of it.
    func act(_ administration: Administration, as administrator: Administrator) async throws -> String
}

extension AdministrationCommand {
    func run() async throws {
        let line = try await StoreCommand.run(options.file) { _, store in
            let administration = Administration(
                store: store, clock: { WallClock.now }, randomBytes: SystemRandom.bytes)
            let options = options
            let administrator = try await store.read { try options.administrator(in: $0).get() }
            return try await act(administration, as: administrator)
        }
        Terminal.line(Terminal.shown(line))
    }
}

struct AdministrationOptions: ParsableArguments {
    enum Role: String, ExpressibleByArgument, CaseIterable { case `operator` }

    @OptionGroup var file: ConfigurationOption
    @Option(name: .customLong("as"), help: ArgumentHelp("Who acts: the operator, whom no consent binds.", valueName: "operator"))
    var role: Role = .operator
    @Option(
        name: .customLong("as-administrator-of"),
        help: ArgumentHelp("Act for this organization's administrator instead.", valueName: "slug or id"))
    var organization: String?

    func administrator(in transaction: ReadTransaction) throws -> Result<Administrator, AdministrationRefusal> {
        guard let organization else { return .success(.operator) }
        return try transaction.organization(named: organization).map { Administrator(.administrator(of: $0.id)) }
    }
}

/// A list that a command prints: aligned columns, or with `--json` one object a line.
struct ListOptions: ParsableArguments {
    @OptionGroup var file: ConfigurationOption
    @Flag(help: "One JSON object a line.") var json = false

    /// - Parameter rows: read in one transaction.
    func show(_ columns: [String], _ rows: @escaping @Sendable (ReadTransaction) throws -> [[String]]) async throws {
        let found = try await StoreCommand.run(file) { _, store in try await store.read(rows) }
        if json {
            for row in found { Terminal.line(try JSONLine.text(Dictionary(zip(columns, row)) { first, _ in first })) }
            return
        }
        let table = [columns] + found
        let widths = columns.indices.map { column in table.map { $0[column].count }.max() ?? 0 }
        for row in table {
            let cells = zip(row, widths).map { text, width in text + String(repeating: " ", count: max(0, width - text.count)) }
            let line = cells.joined(separator: "  ")
            guard Terminal.line(Terminal.shown(String(line.reversed().drop { $0 == " " }.reversed()))) else { return }
        }
    }
}

/// Rows of one page while a whole table is read.
enum ListPage { static let size = 1000 }

/// `a,b`
struct CommaList: ExpressibleByArgument {
    let items: [String]

    init?(argument: String) {
        items = argument.split(separator: ",").map(String.init)
    }

    var roles: Set<RoleID> { Set(items.map { RoleID($0) }) }

    /// Throws the first that is no mail domain.
    func domains() throws -> Set<EmailDomain> {
        Set(
            try items.map { text in
                guard let domain = EmailDomain(text) else { throw ValidationError("\"\(text)\" is no mail domain.") }
                return domain
            })
    }
}
