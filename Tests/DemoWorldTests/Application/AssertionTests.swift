import Crypto
import Synchronization
import Testing

@testable import DemoWorld

@Suite struct AssertionTests {
    let clock = HandClock()
    let gateway = Gateway()

    private func outcome(_ fields: [DemoRequest.Field], host: String = "acme.wiki.localhost:8080") async -> JSONValue {
        let reply = await gateway.application(clock).respond(to: Gateway.request(fields, host: host))
        return JSONValue(parsing: reply.body) ?? .null
    }

    @Test func `An assertion of the gateway is verified and its claims shown`() async throws {
        let answer = await outcome([.init("X-Gateway-Assertion", try gateway.sign(at: clock.seconds))])
        #expect(answer["verified"] == true)
        #expect(answer["kind"] == "member")
        #expect(answer["reason"] == .null)
        #expect(answer["claims"]?["email"] == "alice@acme.example")
    }

    @Test func `An anonymous one is verified as such, and neither passes for the other`() async throws {
        let token = try gateway.sign(
            header: ["typ": "anonymous+jwt"], claims: ["aud": "http://acme.wiki.localhost:8080#anonymous"], at: clock.seconds)
        let answer = await outcome([.init("X-Gateway-Anonymous", token)])
        #expect(answer["verified"] == true)
        #expect(answer["kind"] == "anonymous")
        #expect(await outcome([.init("X-Gateway-Assertion", token)])["reason"] == "wrong_type")
        let member = try gateway.sign(at: clock.seconds)
        #expect(await outcome([.init("X-Gateway-Anonymous", member)])["reason"] == "wrong_type")
        let typed = try gateway.sign(header: ["typ": "anonymous+jwt"], at: clock.seconds)
        #expect(await outcome([.init("X-Gateway-Anonymous", typed)])["reason"] == "wrong_audience")
        let both: [DemoRequest.Field] = [.init("X-Gateway-Assertion", member), .init("X-Gateway-Anonymous", token)]
        #expect(await outcome(both)["reason"] == "several_assertions")
    }

    @Test(
        "A spoilt assertion is refused, and says why",
        arguments: [
            (["alg": "none"], [:], "wrong_algorithm"), (["alg": "HS256"], [:], "wrong_algorithm"), (["alg": nil], [:], "wrong_algorithm"),
            (["kid": "k2"], [:], "unknown_key"), (["kid": nil], [:], "unknown_key"), (["typ": "at+jwt"], [:], "wrong_type"),
            (["typ": 1], [:], "wrong_type"), (["crit": .array(["x"])], [:], "unknown_critical_header"),
            ([:], ["iss": "http://other.localhost"], "wrong_issuer"), ([:], ["iss": nil], "wrong_issuer"),
            ([:], ["aud": "http://globex.wiki.localhost:8080"], "wrong_audience"),
            ([:], ["aud": .array(["http://acme.wiki.localhost:8080"])], "wrong_audience"),
            ([:], ["aud": "http://acme.wiki.localhost:8080#anonymous"], "wrong_audience"),
            ([:], ["exp": nil], "expired"), ([:], ["exp": "9999999999"], "expired"),
            ([:], ["nbf": nil], "not_yet_valid"), ([:], ["iat": .integer(.max)], "not_yet_valid"),
        ] as [([String: JSONValue?], [String: JSONValue?], JSONValue)])
    func refused(header: [String: JSONValue?], claims: [String: JSONValue?], reason: JSONValue) async throws {
        let token = try gateway.sign(header: header, claims: claims, at: clock.seconds)
        let answer = await outcome([.init("X-Gateway-Assertion", token)])
        #expect(answer["verified"] == false)
        #expect(answer["reason"] == reason)
        #expect(answer["claims"] == .null)
    }

    @Test("Its time is kept", arguments: [(-6, "not_yet_valid"), (-5, nil), (299, nil), (300, "expired")] as [(Int64, JSONValue?)])
    func time(age: Int64, reason: JSONValue?) async throws {
        let token = try gateway.sign(at: clock.seconds - age)
        #expect(await outcome([.init("X-Gateway-Assertion", token)])["reason"] == reason ?? .null)
    }

    @Test func `A forged or altered one is refused`() async throws {
        let genuine = try gateway.sign(at: clock.seconds)
        let forged = try Gateway().sign(at: clock.seconds)
        #expect(await outcome([.init("X-Gateway-Assertion", forged)])["reason"] == "bad_signature")
        let parts = genuine.split(separator: ".").map(String.init)
        let otherClaims = try gateway.sign(claims: ["email": "bob@acme.example"], at: clock.seconds).split(separator: ".")[1]
        let altered = [parts[0], String(otherClaims), parts[2]].joined(separator: ".")
        #expect(await outcome([.init("X-Gateway-Assertion", altered)])["reason"] == "bad_signature")
        for text in [
            "", "a.b", "a.b.c", parts[0] + "." + parts[1] + ".", genuine + "=", genuine + ".x", String(repeating: "A", count: 20_000),
        ] {
            let reason = await outcome([.init("X-Gateway-Assertion", text)])["reason"]
            #expect(["malformed", "bad_signature"].contains(reason), "\(text.prefix(20))")
        }
        let twice = [DemoRequest.Field("X-Gateway-Assertion", genuine), .init("x-gateway-assertion", genuine)]
        #expect(await outcome(twice)["reason"] == "several_assertions")
        #expect(await outcome([])["reason"] == "absent")
    }

    @Test(
        "An assertion made for another application does not count because the request names its host",
        arguments: [
            "acme.tickets.localhost:8080", "acme.wiki.localhost", "acme.wiki.localhost:9999", "evilwiki.localhost:8080",
            "wiki.localhost.evil:8080",
        ])
    func otherHost(host: String) async throws {
        let token = try gateway.sign(claims: ["aud": .string("http://" + host)], at: clock.seconds)
        #expect(await outcome([.init("X-Gateway-Assertion", token)], host: host)["reason"] == "wrong_audience")
    }

    @Test func `Keys are fetched when a new one is named, and not for every forged name`() async throws {
        let fetches = Mutex(0)
        let keySet = gateway.keySet
        let keys = AssertionKeys(
            fetch: {
                fetches.withLock { $0 += 1 }
                return keySet
            }, now: clock.environment.now)
        for id in ["k1", "k1", "forged-1", "forged-2"] { _ = await keys.key(id: id) }
        #expect(fetches.withLock { $0 } == 1)
        clock.advance(seconds: 1)
        _ = await keys.key(id: "k2")
        #expect(fetches.withLock { $0 } == 2)
    }

    @Test func `Without the key set nothing is verified`() async throws {
        struct Unreachable: Error {}
        let application = DemoApplication(
            settings: gateway.application(clock).settings, environment: clock.environment, fetchKeys: { throw Unreachable() })
        let token = try gateway.sign(at: clock.seconds)
        let reply = await application.respond(to: Gateway.request([.init("X-Gateway-Assertion", token)]))
        #expect(JSONValue(parsing: reply.body)?["reason"] == "keys_unavailable")
    }
}
