import Glibc
import Testing

@testable import ConfigurationFile

/// `load`, against real files with real modes.
final class SystemFileReaderTests {
    private let folder: String

    init() throws {
        var template = Array("/tmp/configuration-tests-XXXXXX".utf8CString)
        folder = try #require(mkdtemp(&template).map { String(cString: $0) })
    }

    deinit {
        for name in ["gateway.conf", "secret", "fifo"] { unlink("\(folder)/\(name)") }
        rmdir(folder)
    }

    private func write(_ name: String, _ bytes: some Collection<UInt8>, mode: mode_t = 0o600) throws {
        let descriptor = open("\(folder)/\(name)", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        try #require(descriptor >= 0)
        let bytes = Array(bytes)
        #expect(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
        fchmod(descriptor, mode)
        close(descriptor)
    }

    private func text(secret line: String) -> String {
        "external_url = \"https://a.example\"\nlisten = [\"127.0.0.1:1\"]\nstore = \"sqlite:data/g.db\"\n[admin]\nlisten = [\"127.0.0.1:2\"]\n\(line)\n"
    }

    @Test("a file and its secret beside it")
    func load() throws {
        try write("gateway.conf", text(secret: "secret_file = \"secret\"").utf8, mode: 0o644)
        try write("secret", "s3cret\n".utf8)
        guard case .valid(let configuration, let warnings) = Configuration.load(path: "\(folder)/gateway.conf") else {
            Issue.record("not valid")
            return
        }
        #expect(configuration.admin?.secret.revealed == "s3cret")
        #expect(configuration.store == .sqlite(path: "\(folder)/data/g.db"))
        #expect(warnings == [])
    }

    @Test("a secret that others can read is refused", arguments: [0o640, 0o604, 0o620, 0o601] as [mode_t])
    func modes(mode: mode_t) throws {
        try write("gateway.conf", text(secret: "secret_file = \"secret\"").utf8)
        try write("secret", "s3cret".utf8, mode: mode)
        guard case .invalid(let problems) = Configuration.load(path: "\(folder)/gateway.conf") else {
            Issue.record("accepted")
            return
        }
        #expect(problems.map(\.line) == [6])
    }

    @Test(
        "a secret inline in a file that everybody can read is a warning",
        arguments: [(0o644, 1), (0o640, 0), (0o600, 0)] as [(mode_t, Int)])
    func inline(mode: mode_t, count: Int) throws {
        try write("gateway.conf", text(secret: "secret = \"s3cret\"").utf8, mode: mode)
        guard case .valid(_, let warnings) = Configuration.load(path: "\(folder)/gateway.conf") else {
            Issue.record("not valid")
            return
        }
        #expect(warnings.map(\.line) == Array(repeating: 6, count: count))
        #expect(warnings.allSatisfy { $0.message.contains("use `secret_file`, or run chmod 600 on this file") })
    }

    @Test("a file that can't be read is one problem")
    func unreadable() throws {
        #expect(Configuration.load(path: "\(folder)/gateway.conf") == .invalid([Problem(line: 1, "\(folder)/gateway.conf does not exist")]))
        #expect(Configuration.load(path: folder) == .invalid([Problem(line: 1, "\(folder) is not a regular file")]))
        try write("gateway.conf", [0xFF, 0xFE])
        #expect(
            Configuration.load(path: "\(folder)/gateway.conf") == .invalid([Problem(line: 1, "\(folder)/gateway.conf is not UTF-8 text")]))
    }

    @Test("a pipe is not waited for")
    func pipe() throws {
        #expect(mkfifo("\(folder)/fifo", 0o600) == 0)
        #expect(SystemFileReader(folder: folder).read("fifo", maximumBytes: 10) == .failure(.notARegularFile))
    }

    @Test("a file has a largest size")
    func size() throws {
        try write("secret", [UInt8](repeating: 97, count: 100))
        let reader = SystemFileReader(folder: folder)
        #expect(try reader.read("secret", maximumBytes: 100).get().bytes.count == 100)
        #expect(reader.read("secret", maximumBytes: 99) == .failure(.tooLarge))
    }
}
