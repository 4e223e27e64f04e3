import Testing

@testable import DemoWorld

@Suite struct DemoApplicationTests {
    let clock = HandClock()
    let gateway = Gateway()

    private var memberFields: [DemoRequest.Field] {
        get throws {
            [
                .init("X-Gateway-Member", "member-1"), .init("X-Gateway-Email", "gina@globex.example"),
                .init("X-Gateway-Name", "Gina Garc%C3%ADa+<b>"), .init("X-Gateway-Organization", "globex"),
                .init("X-Gateway-Roles", "viewer,editor"), .init("X-Gateway-Assertion", try gateway.sign(at: clock.seconds)),
                .init("User-Agent", "test"),
            ]
        }
    }

    private func page(_ fields: [DemoRequest.Field], _ target: String = "/") async -> DemoReply {
        await gateway.application(clock).respond(to: Gateway.request(fields, target: target))
    }

    @Test func `The page shows who is there, the headers, and that the assertion holds`() async throws {
        let text = await page(try memberFields).text
        #expect(text.contains("<h1>Gina García+&lt;b&gt;</h1>"))
        #expect(text.contains("<span class=\"chip good\">verified</span>"))
        #expect(text.contains("<span class=\"chip\">editor</span>"))
        #expect(text.contains(">User-Agent</th>"))
        #expect(text.contains("action=\"/.gateway/sign-out\""))
        #expect(!text.contains("without proof"))
    }

    @Test func `A request without a valid assertion is shown as not to be believed`() async throws {
        let bare = await page(try memberFields.filter { $0.name != "X-Gateway-Assertion" }).text
        #expect(bare.contains("role=\"alert\""))
        #expect(bare.contains("without proof"))
        let forged = try Gateway().sign(at: clock.seconds)
        let text = await page(try memberFields.map { $0.name == "X-Gateway-Assertion" ? .init($0.name, forged) : $0 }).text
        #expect(text.contains("not verified: bad signature"))
        #expect(text.contains("role=\"alert\""))
        #expect(text.contains("without proof"))
    }

    @Test func `The public page shows the anonymous assertion and nobody's sign-out`() async throws {
        let token = try gateway.sign(
            header: ["typ": "anonymous+jwt"], claims: ["aud": "http://acme.wiki.localhost:8080#anonymous"], at: clock.seconds)
        let text = await page([.init("X-Gateway-Anonymous", token)], "/public/").text
        #expect(text.contains("Nobody is signed in"))
        #expect(text.contains("verified: anonymous"))
        #expect(!text.contains("sign-out\""))
    }

    @Test("Whatever a header says is escaped", arguments: ["<script>alert(1)</script>", "\"><img src=x>", "' onload='x"])
    func escaping(payload: String) async {
        let names = ["X-Gateway-Name", "X-Gateway-Email", "X-Gateway-Organization", "X-Gateway-Roles", "Other"]
        let fields = [DemoRequest.Field("X-Gateway-Member", payload)] + names.map { .init($0, payload) }
        let text = await page(fields, "/?" + payload).text
        #expect(!text.contains(payload))
        #expect(text.contains("&lt;") || text.contains("&#39;"))
    }

    @Test func `JSON has the headers in the order received, doubles included`() async throws {
        let fields: [DemoRequest.Field] = [.init("B", "1"), .init("a", "2"), .init("X_Gateway_Email", "x"), .init("B", "3")]
        let application = gateway.application(clock)
        let request = DemoRequest(
            method: "PUT", target: "/json?x=%2F", authority: "acme.wiki.localhost:8080", fields: fields, body: [1, 2], bodyLength: 9)
        let answer = try #require(JSONValue(parsing: await application.respond(to: request).body))
        #expect(
            answer["headers"]
                == .array([["B", "1"], ["a", "2"], ["X_Gateway_Email", "x"], ["B", "3"]].map { .array($0.map { .string($0) }) }))
        #expect(answer["method"] == "PUT")
        #expect(answer["target"] == "/json?x=%2F")
        #expect(answer["path"] == "/json")
        #expect(answer["body_bytes"] == 9)
        #expect(answer["application"] == "wiki")
    }

    @Test func `Any path is answered with JSON where JSON is asked for`() async throws {
        let reply = await page([.init("Accept", "application/json")], "/deep/path")
        #expect(JSONValue(parsing: reply.body)?["path"] == "/deep/path")
        #expect(await page([], "/deep/path").value(of: "Content-Type") == "text/html; charset=utf-8")
    }

    @Test func `Pages allow no inline script and forms to loopback alone`() async throws {
        let reply = await page([])
        let policy = try #require(reply.value(of: "Content-Security-Policy"))
        #expect(policy.hasPrefix("default-src 'none'; style-src 'self'; script-src 'self';"))
        #expect(!policy.contains("unsafe"))
        #expect(reply.value(of: "X-Content-Type-Options") == "nosniff")
        #expect(!reply.text.contains("<script>"))
        #expect(!reply.text.contains("style=\""))
        for path in ["demo.css", "submit.js", "sign-out.js"] { #expect(await page([], Page.assetPath + path).status == 200) }
    }
}
