import Foundation
import Synchronization

@testable import DemoWorld

/// A clock that a test moves by hand.
final class HandClock: Sendable {
    private let milliseconds = Mutex<Int64>(1_800_000_000_000)

    var environment: DemoEnvironment {
        DemoEnvironment(now: { self.milliseconds.withLock { $0 } }, randomBytes: DemoEnvironment.system.randomBytes)
    }

    var seconds: Int64 { milliseconds.withLock { $0 / 1000 } }

    func advance(seconds: Int64) { milliseconds.withLock { $0 += seconds * 1000 } }
}

/// A browser without a network: keeps the cookies of one site.
struct Browser {
    let site: any DemoSite
    var cookies: [String: String] = [:]

    init(_ site: any DemoSite) { self.site = site }

    mutating func get(_ target: String) async -> DemoReply {
        await send(DemoRequest(method: "GET", target: target, authority: "127.0.0.1", fields: cookieFields))
    }

    mutating func post(_ target: String, _ form: KeyValuePairs<String, String>, fields: [DemoRequest.Field] = []) async -> DemoReply {
        let body = FormFields(form.map { FormFields.Pair($0.key, $0.value) }).encoded
        let type = DemoRequest.Field("Content-Type", "application/x-www-form-urlencoded")
        return await send(
            DemoRequest(
                method: "POST", target: target, authority: "127.0.0.1", fields: cookieFields + [type] + fields,
                body: Array(body.utf8)))
    }

    private var cookieFields: [DemoRequest.Field] {
        cookies.isEmpty ? [] : [.init("Cookie", cookies.map { $0.key + "=" + $0.value }.joined(separator: "; "))]
    }

    private mutating func send(_ request: DemoRequest) async -> DemoReply {
        let reply = await site.respond(to: request)
        for field in reply.fields where field.name == "Set-Cookie" {
            let pair = field.value.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1)
            if pair.count == 2 { cookies[String(pair[0])] = String(pair[1]) }
        }
        return reply
    }
}

/// Runs a program and returns its exit status and what it printed.
func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
    try withTemporaryFolder { folder in
        // Into a file, not a pipe: a read from a pipe that a signal interrupts is a trap in Foundation.
        let file = folder.appendingPathComponent("output")
        guard FileManager.default.createFile(atPath: file.path, contents: nil) else { throw CocoaError(.fileWriteUnknown) }
        let output = try FileHandle(forWritingTo: file)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.standardOutput = output
        process.standardError = output
        try process.run()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: try Data(contentsOf: file), as: UTF8.self))
    }
}

/// A folder for one test, removed afterwards.
func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("demoworld-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
}
