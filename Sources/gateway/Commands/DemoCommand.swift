import ArgumentParser
import ConfigurationFile
import DemoWorld
import Fetch
import FoundationEssentials
import Glibc
import Logging
import UnixSignals

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Run everything on loopback: identity providers, applications and the gateway in front of them.")

    @Option(help: ArgumentHelp("The gateway's port.", valueName: "number")) var port = 8080
    @Option(help: ArgumentHelp("Folder for the demo's files; by default a new one that is removed at the end.", valueName: "path"))
    var folder: String?
    @Flag(help: "Show the gateway's log.") var verbose = false

    func validate() throws {
        if !(1...65535).contains(port) { throw ValidationError("--port takes a number from 1 to 65535.") }
    }

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        ProcessSetup.prepare()
        do {
            try await serve(until: signals)
        } catch let code as ExitCode {
            throw code
        } catch {
            Terminal.error("gateway: \(error)")
            throw ExitCode.failure
        }
    }

    private func serve(until signals: UnixSignalsSequence) async throws {
        let place = try DemoFolder(path: folder)
        defer { place.remove() }
        // The applications fetch the key set over loopback like any verifier.
        let client = try FetchClient(allowedNetworks: Self.loopback)
        let world = try await DemoWorld.start(ports: DemoWorld.Ports(gateway: port)) { url in
            try await client.send(FetchRequest(url: url)).body
        }
        do {
            for file in world.files(storePath: place.path + "/gateway.db") { try place.write(file.contents, to: file.name) }
            let configuration = try ConfigurationReport.load(place.path + "/gateway.conf")
            var logger = Logger(label: "gateway") { JSONLogHandler(label: $0) }
            logger.logLevel = verbose ? .debug : .warning
            let process = try await GatewayProcess.start(configuration, logger: logger)
            Terminal.line(DemoWorld.guide(ports: world.ports))
            Terminal.line("Configuration: \(place.path)/gateway.conf\nCtrl-C ends the demo.")
            _ = await SignalLoop.wait(signals) {}
            Terminal.line("\nStopping.")
            await process.stop()
        } catch {
            await world.stop()
            throw error
        }
        await world.stop()
        await client.shutDown()
    }

    private static let loopback = [
        AddressRange(bytes: [127, 0, 0, 0], prefixLength: 8),
        AddressRange(bytes: [UInt8](repeating: 0, count: 15) + [1], prefixLength: 128),
    ].compactMap { $0 }
}

/// The demo's files, readable by their owner alone.
struct DemoFolder {
    let path: String
    private let isTemporary: Bool

    init(path: String?) throws {
        if let path {
            isTemporary = false
            self.path = path
            guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
                throw StartFailure("The folder \(path) can't be made: \(String(cString: strerror(errno))).")
            }
        } else {
            isTemporary = true
            var template = Array("/tmp/gateway-demo-XXXXXX\0".utf8CString.dropLast())
            guard mkdtemp(&template) != nil else {
                throw StartFailure("No folder can be made under /tmp: \(String(cString: strerror(errno))).")
            }
            self.path = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    func write(_ text: String, to name: String) throws {
        let file = path + "/" + name
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StartFailure("\(file) can't be written: \(String(cString: strerror(errno))).") }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard bytes.withUnsafeBytes({ Glibc.write(descriptor, $0.baseAddress, $0.count) }) == bytes.count else {
            throw StartFailure("\(file) can't be written: \(String(cString: strerror(errno))).")
        }
    }

    func remove() {
        if isTemporary { try? FileManager.default.removeItem(atPath: path) }
    }
}
