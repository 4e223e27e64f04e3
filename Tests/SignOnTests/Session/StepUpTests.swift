import Tenancy
import Testing

@testable import SignOn

@Suite("Step-up")
struct StepUpTests {
    static let now = Instant(seconds: 1_800_000_000)

    private static func evidence(age: Int64?, context: String?) -> Evidence {
        Evidence(
            connectionID: ConnectionID("c"), issuer: "i", subject: "s", email: nil, authenticatedAt: now,
            statedAuthenticationTime: age.map { Instant(seconds: now.seconds - $0) }, authenticationContext: context)
    }

    static let cases: [(maximumAge: Int64?, contexts: [String], age: Int64?, context: String?, isMet: Bool)] = [
        (nil, [], nil, nil, true), (60, [], 59, nil, true), (60, [], 60, nil, false), (60, [], nil, nil, false),
        (nil, ["mfa"], 0, "mfa", true), (nil, ["mfa"], 0, "pwd", false), (nil, ["mfa"], 0, nil, false), (nil, ["mfa"], 0, "", false),
        (nil, ["mfa", "hwk"], 0, "hwk", true), (nil, ["mfa"], 0, "MFA", false), (nil, ["\u{E9}"], 0, "e\u{301}", false),
        (60, ["mfa"], 59, "mfa", true), (60, ["mfa"], 59, "pwd", false), (60, ["mfa"], 60, "mfa", false),
    ]

    @Test("Age and context are both demanded, and only what the IdP has said counts", arguments: cases.indices)
    func demand(index: Int) {
        let row = Self.cases[index]
        let demand = SignInDemand(maximumAge: row.maximumAge.map { .seconds($0) }, contexts: row.contexts)
        #expect(demand.isMet(by: Self.evidence(age: row.age, context: row.context), at: Self.now) == row.isMet)
    }

    @Test("A demand comes back out of an address as it went in")
    func query() {
        for demand in [
            SignInDemand(maximumAge: .seconds(900), contexts: []), SignInDemand(maximumAge: nil, contexts: ["urn:mfa", "a&b=c"]),
            SignInDemand(maximumAge: .seconds(60), contexts: ["x"]),
        ] {
            let query = Dictionary(demand.query.map { ($0.name, $0.value) }) { first, _ in first }
            #expect(SignInDemand(maximumAge: query["max_age"], contexts: query["acr"]) == demand)
        }
    }

    @Test(
        "An address can't carry what no route could demand",
        arguments: [
            ("-1", nil), ("1x", nil), ("99999999999999999999", nil), ("31622401", nil), (nil, String(repeating: "a", count: 256)),
            (nil, String(repeating: "a ", count: 11)), (nil, "\u{E9}"),
        ] as [(String?, String?)])
    func refused(age: String?, contexts: String?) {
        #expect(SignInDemand(maximumAge: age, contexts: contexts) == nil)
    }

    @Test("A session is served until the sign-in is too old for the route, cached or not")
    func serving() async throws {
        let bench = try await TestBench(idleTimeout: .seconds(3600))
        try await bench.keys.maintain(now: bench.now)
        let token = try await bench.signIn(evidence: bench.evidence(context: "mfa"))
        let demand = SignInDemand(maximumAge: .seconds(300), contexts: ["mfa"])
        bench.advance(by: .seconds(200))
        guard case .identity(let answer) = await bench.identity(token, demand: demand) else {
            Issue.record("the demand is met")
            return
        }
        // The data plane's cache never serves it longer.
        #expect(answer.expiresAt == bench.now.advanced(by: .seconds(100)))
        #expect(answer.refreshAt <= answer.expiresAt && answer.graceUntil <= answer.expiresAt)
        bench.advance(by: .seconds(100))
        #expect(await bench.identity(token, demand: demand).label == "step-up needed")
        // The session itself stands, on routes that demand less.
        #expect(await bench.identity(token).label == "identity")
        #expect(await bench.identity(token, demand: SignInDemand(maximumAge: nil, contexts: ["hwk"])).label == "step-up needed")
        // Whoever lacks the roles is told so first: no sign-in would help.
        #expect(await bench.identity(token, roles: [RoleID("viewer")], demand: demand).label == "forbidden")
    }
}
