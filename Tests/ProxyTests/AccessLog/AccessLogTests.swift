import Foundation
import Synchronization
import Testing

@testable import Proxy

@Suite(.timeLimit(.minutes(2))) struct AccessLogTests {
    /// Lines as they are written.
    private final class Lines: Sendable {
        let log = EventLog<[String: String]>()
        let bytes = Mutex<[UInt8]>([])

        @Sendable func write(_ lines: [UInt8]) {
            bytes.withLock { $0 += lines }
            for line in lines.split(separator: 0x0A) {
                let object = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
                log.add((object ?? [:]).mapValues { "\($0)" })
            }
        }
        var text: String { String(decoding: bytes.withLock { $0 }, as: UTF8.self) }
    }

    @Test func `each request is one line, without anything secret`() async throws {
        let lines = Lines()
        try await World.run(accessLog: AccessLogSettings(fraction: 1, write: lines.write)) { world async throws in
            world.sessions.set { _ in
                .session(
                    IdentityHeaders(
                        block: Array(World.block.utf8), refreshAt: .max, expiresAt: .max, graceUntil: .max, tags: [1],
                        member: Array("member-live-1".utf8)))
            }
            let fields = "Authorization: Bearer canary-bearer\r\nX-Api-Key: canary-key\r\n"
            let response = try await world.exchange(
                World.request("/a/../page?token=canary-query", method: "POST", fields + "Content-Length: 4\r\n", body: "body"))
            let line = await lines.log.first { $0["path"] == "/page" }
            #expect(line["message"] == "request")
            #expect(line["request_id"] == response.value("X-Request-Id") ?? world.upstream.requests.last?.values("X-Request-Id").first)
            #expect(line["method"] == "POST")
            #expect(line["host"] == "wiki.acme.example")
            #expect(line["status"] == "200")
            #expect(line["bytes_in"] == "4")
            #expect(line["bytes_out"] == "2")
            #expect(line["client"] == "127.0.0.1")
            #expect(line["protocol"] == "HTTP/1.1")
            #expect(line["route"] == "wiki")
            #expect(line["organization"] == "acme")
            #expect(line["member"] == "member-live-1")
            #expect(line["upstream"] == "http://127.0.0.1:\(world.upstream.port)")
            #expect(line["upstream_us"] != nil && line["duration_us"] != nil)
            #expect(line["time"] == "1970-01-01T00:16:40.000Z")
            #expect(line["cut"] == nil)
            #expect(!lines.text.contains("canary") && !lines.text.contains(World.token) && !lines.text.contains("signed"))
        }
    }

    @Test func `refusals, pages of the gateway and clients that go away have lines, too`() async throws {
        let lines = Lines()
        try await World.run(
            accessLog: AccessLogSettings(fraction: 1, write: lines.write), reply: { $0.target == "/silent" ? .silence : .close }
        ) { world async throws in
            _ = try await world.exchange("GET /private?code=canary HTTP/1.1\r\nHost: wiki.acme.example\r\n\r\n")
            #expect(await lines.log.first { $0["path"] == "/private" }["status"] == "401")
            _ = try await world.exchange("GET /\u{1}\u{1B}[31m HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(await lines.log.first { $0["status"] == "400" }["method"] == "")
            _ = try await world.exchange(World.request("/closed"))
            #expect(await lines.log.first { $0["path"] == "/closed" }["status"] == "502")
            let client = try await world.connect()
            try await client.send(World.request("/silent"))
            _ = await world.upstream.requests(atLeast: 2)
            await client.close()
            let gone = await lines.log.first { $0["path"] == "/silent" }
            #expect(gone["status"] == "0" && gone["cut"] == "1")
            #expect(!lines.text.contains("canary") && !lines.text.contains("\u{1B}"))
        }
    }

    @Test func `a part of the requests is logged, and none without a log`() async throws {
        let lines = Lines()
        try await World.run(accessLog: AccessLogSettings(fraction: 0.5, write: lines.write)) { world async throws in
            let client = try await world.connect()
            for index in 0..<200 {
                try await client.send(World.request("/\(index)"))
                _ = try await client.readResponse()
            }
            await world.server.shutDown(deadline: .zero)
            // Ids are random, and the same in each run.
            #expect((50...150).contains(lines.log.all.count))
        }
    }

    @Test func `a reader that hangs loses lines, not requests, and hears how many`() async throws {
        let gate = Gate()
        let written = Mutex<[UInt8]>([])
        let writer = AccessLogWriter { lines in
            // The writer's own thread: nobody else waits.
            let semaphore = DispatchSemaphore(value: 0)
            Task {
                await gate.pass()
                semaphore.signal()
            }
            semaphore.wait()
            written.withLock { $0 += lines.prefix(200) }
        }
        writer.start()
        let batch = Array(repeating: UInt8(ascii: "x"), count: 1 << 20)
        for _ in 0..<20 { writer.take(batch, lines: 10) }
        gate.open()
        await writer.shutDown()
        let text = String(decoding: written.withLock { $0 }, as: UTF8.self)
        #expect(text.contains("\"message\":\"access log lines dropped\",\"count\":120}"))
    }

    @Test func `whatever is in a line, it is one line of printable ASCII`() throws {
        let record = AccessRecord(time: 0)
        record.path = Array("/\"\\\n\r\u{0}\u{1B}\u{7F}é\u{2028}".utf8)
        record.organization = "a\"b"
        var line = AccessLine(appendingTo: [])
        line.write(record, RequestProgress(), isComplete: true)
        #expect(line.bytes.dropLast().allSatisfy { (0x20...0x7E).contains($0) } && line.bytes.last == 0x0A)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.bytes)) as? [String: Any])
        #expect(object["organization"] as? String == "a\"b")
        #expect((object["path"] as? String)?.hasPrefix("/\"\\\n\r\u{0}\u{1B}\u{7F}") == true)
    }
}
