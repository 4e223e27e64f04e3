import ArgumentParser
import ConfigurationFile
import SignOn
import Storage
import Synchronization
import Tenancy
import UnixSignals

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Show who was let in where and why, who was refused, and what was changed.",
        discussion: "Reads the store of a gateway that may be running. Without --since: everything that is kept.")

    /// Between two looks whether the store has noticed another process's writes.
    private static let interval = Store.pollInterval

    @OptionGroup var file: ConfigurationOption
    @Option(help: ArgumentHelp("Only of this organization.", valueName: "slug or id")) var organization: String?
    @Option(help: ArgumentHelp("Only of this member, or of sign-ins with this address.", valueName: "email or id")) var member: String?
    @Option(help: ArgumentHelp("From then on: an age such as 24h, or a time such as 2024-05-01T09:00:00Z.", valueName: "age or time"))
    var since: String?
    @Flag(help: "Go on with what comes, until Ctrl-C. Without --since: only what comes.") var follow = false
    @Flag(help: "One JSON object a line.") var json = false

    func run() async throws {
        let now = WallClock.now
        let start = try since.map { text in
            guard let moment = MomentText.parse(text, now: now) else {
                throw ValidationError("--since takes an age such as 24h, or a time such as 2024-05-01T09:00:00Z.")
            }
            return moment
        }
        // First of all: a signal during the first look must end it too.
        let signals = follow ? await UnixSignalsSequence(trapping: .sigint, .sigterm) : nil
        try await StoreCommand.run(file) { _, store in
            let filter = try await store.read { try self.filter(in: $0).get() }
            let tail = AuditTail(filter, since: start ?? (follow ? now : Instant(milliseconds: 0)))
            guard let signals else {
                var tail = tail
                _ = try await Self.show(&tail, of: store, asJSON: json)
                return
            }
            try await Self.follow(tail, of: store, asJSON: json, until: signals)
        }
    }

    private func filter(in transaction: ReadTransaction) throws -> Result<AuditFilter, AdministrationRefusal> {
        var filter = AuditFilter()
        if let organization {
            switch try transaction.organization(named: organization) {
            case .failure(let refusal): return .failure(refusal)
            case .success(let found): filter.organizationID = found.id
            }
        }
        guard let member else { return .success(filter) }
        if let email = EmailAddress(member) {
            // Nobody may have the address: then the sign-ins that were refused are what there is to see.
            filter.email = email
            filter.members = Set(try transaction.members(email: email).map(\.id))
        } else {
            filter.members = [MemberID(member)]
        }
        return .success(filter)
    }

    /// `false`: nobody reads any more.
    private static func show(_ tail: inout AuditTail, of store: Store, asJSON: Bool) async throws -> Bool {
        while true {
            let before = tail
            let page = try await store.read { transaction -> (tail: AuditTail, lines: [String])? in
                var tail = before
                guard let events = try tail.next(in: transaction) else { return nil }
                let names = Names(transaction)
                return (tail, try events.map { try asJSON ? AuditLine.json($0, names) : AuditLine.text($0, names) })
            }
            guard let page else {
                tail.rewind()
                return true
            }
            tail = page.tail
            for line in page.lines where !Terminal.line(line) { return false }
        }
    }

    /// Ends with a signal, or when the pipe is closed.
    private static func follow(_ tail: AuditTail, of store: Store, asJSON: Bool, until signals: UnixSignalsSequence) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in signals { return }
            }
            group.addTask {
                var tail = tail
                let hasChanged = Atomic<Bool>(true)
                let observation = store.observe { _ in hasChanged.store(true, ordering: .relaxed) }
                defer { observation.cancel() }
                while !Task.isCancelled, !Terminal.isOutputClosed {
                    if hasChanged.exchange(false, ordering: .relaxed), try await !show(&tail, of: store, asJSON: asJSON) { return }
                    guard (try? await Task.sleep(for: interval)) != nil else { return }
                }
            }
            try await group.next()
            group.cancelAll()
        }
    }
}
