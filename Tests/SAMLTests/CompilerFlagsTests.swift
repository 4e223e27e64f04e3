import Foundation
import Testing

@Suite struct CompilerFlagsTests {
    /// SwiftPM drops the -D flags of a system library, so that shim.h repeats them. A package update
    /// that changes one must not go unseen: the structures would have another layout.
    @Test("shim.h defines exactly what pkg-config states for xmlsec1-openssl")
    func definitions() throws {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["pkg-config", "--cflags-only-other", "xmlsec1-openssl"]
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let stated = String(decoding: output, as: UTF8.self).split(whereSeparator: \.isWhitespace)
            .filter { $0.hasPrefix("-D") }.map { $0.dropFirst(2).replacing("=", with: " ") }

        let shim = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/CXMLSecurity/shim.h").standardizedFileURL
        let text = try String(contentsOf: shim, encoding: .utf8)
        let head = try #require(text.split(separator: "#include").first)
        let defined = head.split(separator: "\n").filter { $0.hasPrefix("#define ") && !$0.hasSuffix("_H") }
            .map { String($0.dropFirst("#define ".count)) }
        #expect(!stated.isEmpty)
        #expect(Set(defined) == Set(stated.map { String($0) }))
    }
}
