import ArgumentParser
import ConfigurationFile
import Logging
import UnixSignals

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Serve.",
        discussion: """
            SIGHUP reads the file and the files that it names again; one with problems leaves the old ones serving. SIGTERM finishes \
            what is under way. With --take-over a new process, of a new version for example, gets the listening sockets from the \
            one that serves, which then finishes what is under way and ends: no connection is refused.
            """)

    @OptionGroup var file: ConfigurationOption
    @Flag(help: "Replace the gateway that serves with the same store.") var takeOver = false
    @Option(help: ArgumentHelp("Event loops, one thread each.", valueName: "number")) var loops: Int?

    func validate() throws {
        if let loops, !(1...256).contains(loops) { throw ValidationError("--loops takes a number from 1 to 256.") }
    }

    func run() async throws {
        // First of all: a signal during the start must not be lost.
        let signals = await UnixSignalsSequence(trapping: .sighup, .sigterm, .sigint)
        ProcessSetup.prepare()
        let loaded = try ConfigurationReport.load(file.path)
        let logger = Logger(label: "gateway") { JSONLogHandler(label: $0) }
        let process: GatewayProcess
        do {
            process =
                if let loops {
                    try await GatewayProcess.start(loaded, logger: logger, loops: loops, takesOver: takeOver)
                } else {
                    try await GatewayProcess.start(loaded, logger: logger, takesOver: takeOver)
                }
        } catch {
            Terminal.error("gateway: \(error)")
            throw ExitCode.failure
        }
        let end = await SignalLoop.wait(signals, handedOver: process.handedOver) {
            switch Configuration.load(path: file.path) {
            case .invalid(let problems):
                for problem in problems {
                    logger.error(
                        "configuration not reloaded",
                        metadata: ["line": "\(problem.line)", "problem": "\(problem.message)"])
                }
                await process.noteRefusedConfiguration(problems.map { "line \($0.line): \($0.message)" })
            case .valid(let new, _):
                do {
                    try await process.reload(new)
                } catch {
                    logger.error("configuration not reloaded", metadata: ["problem": "\(error)"])
                }
            }
        }
        logger.info("stopping", metadata: ["handed_over": "\(end == .handedOver)"])
        await process.stop(end)
        logger.info("stopped")
    }
}
