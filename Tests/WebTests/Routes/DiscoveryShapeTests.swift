import Foundation
import Testing

@testable import Web

@Suite("J10: what an answer to an address says, and when it comes")
struct DiscoveryShapeTests {
    enum Shape: Sendable { case nothing, start, choice }

    struct Row: Sendable, CustomTestStringConvertible {
        let email: String
        let testDescription: String
        let shape: Shape

        init(_ email: String, _ sentence: String, _ shape: Shape) {
            self.email = email
            testDescription = sentence
            self.shape = shape
        }
    }

    static let rows: [Row] = [
        Row("alice@acme.example", "a member", .start),
        Row("nobody@acme.example", "nobody yet, at a domain whose people are made members", .start),
        Row("sue@acme.example", "a suspended member there", .nothing),
        Row("bob@globex.example", "a member where nobody is made one", .start),
        Row("nobody@globex.example", "nobody, at a domain whose people are not made members", .nothing),
        Row("sid@globex.example", "a suspended member there", .nothing),
        Row("dora@globex.example", "a deleted member there", .nothing),
        Row("ivy@globex.example", "entered by the organization's own administrator", .nothing),
        Row("nobody@nowhere.example", "a domain that nobody lists", .nothing),
        Row("carol@several.example", "a member of two organizations", .choice),
    ]

    @Test(
        "Whatever is behind an address, its answer goes out at the same moment", arguments: rows,
        [.zero, .milliseconds(3), .milliseconds(99), .milliseconds(130)] as [Duration])
    func moment(row: Row, work: Duration) async throws {
        let bench = try await WebBench()
        let asked = bench.clock.now
        let response = await bench.discover(row.email, taking: work)
        #expect(response.status == (row.shape == .start ? 303 : 200))
        #expect(bench.clock.alarms == [asked.advanced(by: work < .milliseconds(100) ? .milliseconds(100) : .milliseconds(200))])
        let body = String(decoding: response.body, as: UTF8.self)
        #expect(body.contains("There is no sign-in for this address") == (row.shape == .nothing))
        #expect(body.contains("Continue with acme") == (row.shape == .choice))
    }

    @Test("Nothing to offer is one page, byte for byte, whatever the reason")
    func nothing() async throws {
        let bench = try await WebBench()
        var answers: [[UInt8]] = []
        for row in Self.rows where row.shape == .nothing { answers.append(try bytes(await bench.discover(row.email))) }
        #expect(answers.count == 6 && Set(answers).count == 1)
    }

    @Test("A member's address and a stranger's of a domain whose people are made members get the same, but for random values")
    func oneOffer() async throws {
        let bench = try await WebBench()
        // Addresses of one length: the address is handed on to the IdP.
        let member = try bytes(await bench.discover("alice@acme.example"))
        let stranger = try bytes(await bench.discover("nobod@acme.example"))
        #expect(member.count == stranger.count)
        let masked = [member, stranger].map { bytes in
            String(decoding: bytes, as: UTF8.self)
                .replacing(#/(state|nonce|code_challenge|login_hint)=[^&\s]+/#) { "\($0.1)=" }
                .replacing(#/gateway-flow=[^;]+/#, with: "gateway-flow=")
        }
        #expect(masked[0] == masked[1])
        #expect(masked[0].contains("Location: https://acme-idp.example/authorize?"))
    }

    @Test("What says nothing about an address is answered at once")
    func atOnce() async throws {
        let bench = try await WebBench(discoveriesPerMinute: 1)
        #expect(await bench.discover(nil).status == 400)
        #expect(await bench.discover("alice@acme.example", origin: "https://evil.example").status == 400)
        #expect(bench.clock.alarms.isEmpty)
        #expect(await bench.discover("no address").status == 400)
        #expect(bench.clock.alarms.isEmpty)
        #expect(await bench.discover("alice@acme.example").status == 429)
        #expect(bench.clock.alarms.isEmpty)
        // The control: with the limit not reached the same address waits.
        let other = try await WebBench(discoveriesPerMinute: 1)
        #expect(await other.discover("alice@acme.example").status == 303)
        #expect(other.clock.alarms.count == 1)
    }

    /// Status, fields and body, as they go out.
    private func bytes(_ response: WebResponse) throws -> [UInt8] {
        Array("\(response.status)\n".utf8) + response.headers.flatMap { Array("\($0.0): \($0.1)\n".utf8) } + response.body
    }
}
