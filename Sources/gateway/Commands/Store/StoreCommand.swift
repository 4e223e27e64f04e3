import ArgumentParser
import ConfigurationFile
import Glibc
import Storage

/// The frame of every command that works on the store of a gateway, which may be serving from it meanwhile.
enum StoreCommand {
    /// Opens the store that the file names, runs `body`, and closes it. What goes wrong is one sentence on standard
    /// error, and exit code 1.
    static func run<Value>(_ file: ConfigurationOption, _ body: (Configuration, Store) async throws -> Value) async throws -> Value {
        ProcessSetup.prepare()
        let configuration = try ConfigurationReport.load(file.path, showsWarnings: false)
        do {
            let store = try await open(configuration.store)
            do {
                let value = try await body(configuration, store)
                try await store.close()
                return value
            } catch {
                try? await store.close()
                throw error
            }
        } catch let code as ExitCode {
            throw code
        } catch {
            Terminal.error("gateway: \(error)")
            throw ExitCode.failure
        }
    }

    /// Never makes a store: a wrong path must not look like an empty one.
    private static func open(_ location: StoreLocation) async throws -> Store {
        if case .sqlite(let path) = location, access(path, F_OK) != 0 {
            throw CommandFailure("There is no store at \(path) yet: `gateway run` makes it.")
        }
        return try await GatewayProcess.openStore(location)
    }
}

/// Why a command did nothing: one sentence.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
