// gateway owns arguments, the wiring of all parts in one place, signals and exit codes.
// It knows no rule: it hands values from one part to the next.

import ArgumentParser

@main
struct Gateway: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "A reverse proxy that signs people in and tells applications who they are.",
        subcommands: [
            RunCommand.self, CheckCommand.self, URLsCommand.self, AuditCommand.self, ExplainCommand.self, ExternalConnectionsCommand.self,
            ConnectionsCommand.self,
            OrganizationsCommand.self, MembersCommand.self, SessionsCommand.self, KeysCommand.self, DemoCommand.self,
        ])
}

/// `--config`, shared by the commands that read the file.
struct ConfigurationOption: ParsableArguments {
    @Option(name: .customLong("config"), help: ArgumentHelp("The configuration file.", valueName: "file"))
    var path = "gateway.conf"
}
