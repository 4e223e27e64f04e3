import Foundation
import Glibc

/// Certificates made by the `openssl` command in a folder of their own, which goes with the value.
final class TestPKI: Sendable {
    struct Failure: Error { let output: String }

    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "fetch-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let configuration = """
            [ca]
            default_ca = authority
            [authority]
            database = \(path("index.txt"))
            new_certs_dir = \(folder.path)
            rand_serial = yes
            default_md = sha256
            policy = any
            unique_subject = no
            copy_extensions = copy
            [any]
            commonName = supplied
            """
        try Data(configuration.utf8).write(to: folder.appending(path: "ca.cnf"))
        try Data().write(to: folder.appending(path: "index.txt"))
        for authority in ["authority", "stranger"] {
            try openssl([
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=\(authority)",
                "-days", "2", "-keyout", path("\(authority).key"), "-out", path("\(authority).pem"),
            ])
        }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    /// A server certificate by `authority`, as `server.pem` and `server.key`.
    func issue(alternativeName: String, isExpired: Bool = false) throws {
        try openssl([
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=server", "-addext",
            "subjectAltName=\(alternativeName)", "-keyout", path("server.key"), "-out", path("server.csr"),
        ])
        try openssl([
            "ca", "-batch", "-notext", "-config", path("ca.cnf"), "-cert", path("authority.pem"), "-keyfile",
            path("authority.key"), "-startdate", "20200101000000Z", "-enddate",
            isExpired ? "20200102000000Z" : "20491231000000Z", "-in", path("server.csr"), "-out", path("server.pem"),
        ])
    }

    private func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(output: String(decoding: text, as: UTF8.self)) }
    }
}

/// `openssl s_server` on 127.0.0.1 with the certificate that a `TestPKI` issued last; answers every GET with a page.
final class TLSServer {
    let port: UInt16
    private let process = Process()

    init(_ pki: TestPKI, options: [String] = []) throws {
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments =
            ["s_server", "-accept", "127.0.0.1:0", "-www", "-cert", pki.path("server.pem"), "-key", pki.path("server.key")]
            + options
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = Pipe()
        try process.run()
        var text = ""
        while true {
            if let line = text.split(separator: "\n").first(where: { $0.hasPrefix("ACCEPT ") }), text.hasSuffix("\n") {
                guard let port = line.split(separator: ":").last.flatMap({ UInt16($0) }) else {
                    throw TestPKI.Failure(output: text)
                }
                self.port = port
                return
            }
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { throw TestPKI.Failure(output: text) }
            text += String(decoding: data, as: UTF8.self)
        }
    }

    /// A child inherits the signal mask of a pool's thread, which blocks SIGTERM.
    func stop() {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    deinit { if process.isRunning { stop() } }
}
