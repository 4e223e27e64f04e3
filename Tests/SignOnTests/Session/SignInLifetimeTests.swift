import Storage
import Synchronization
import Tenancy
import Testing

@testable import SignOn

@Suite("H9, H14: idle and absolute limits, at every place that reads a sign-in or a session")
struct SignInLifetimeTests {
    /// Steps of the clock in seconds; after each of them the session is used and has to stand, except the last.
    struct Course: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let steps: [Int64]
        let stands: Bool

        init(_ sentence: String, _ steps: [Int64], stands: Bool) {
            testDescription = sentence
            self.steps = steps
            self.stands = stands
        }
    }

    // Idle 600, absolute 2000.
    static let courses: [Course] = [
        Course("unused for a moment less than the idle time", [599], stands: true),
        Course("unused for the idle time", [600], stands: false),
        Course("used again and again", [500, 500, 500], stands: true),
        Course("used, then idle", [500, 500, 600], stands: false),
        Course("use does not slide past the absolute limit", [500, 500, 500, 499], stands: true),
        Course("the absolute limit", [500, 500, 500, 500], stands: false),
        Course("the clock jumps back: the absolute limit stays where it was", [500, -400, 500, 500, 500, 400], stands: false),
        Course("the clock jumps back: the idle time counts from the latest use", [500, -400, 599], stands: true),
        Course("the clock jumps back and the session is not used", [500, -400, 1000], stands: false),
    ]

    @Test("A session", arguments: courses, [true, false])
    func session(course: Course, writesBetween: Bool) async throws {
        let bench = try await TestBench(idleTimeout: .seconds(600), lifetime: .seconds(2000))
        try await bench.keys.maintain(now: bench.now)
        let token = try await bench.signIn(expiresAfter: .seconds(2000))
        for (index, step) in course.steps.enumerated() {
            bench.advance(by: .seconds(step))
            let isLast = index == course.steps.count - 1
            let info = await bench.signOn.sessionInfo(host: "wiki.acme.example", cookies: BrowserCookies(session: token.revealed))
            if case .found = info { #expect(!isLast || course.stands) } else { #expect(isLast && !course.stands) }
            #expect(await bench.identity(token).label == (isLast && !course.stands ? "absent" : "identity"), "step \(index)")
            if writesBetween { await bench.signOn.writeLastSeen() }
        }
    }

    @Test("A sign-in, at the switcher, the list of sign-ins and an exchange", arguments: courses, [true, false])
    func signIn(course: Course, writesBetween: Bool) async throws {
        let bench = try await TestBench(idleTimeout: .seconds(600), lifetime: .seconds(2000))
        let token = try await bench.signInRecord(expiresAfter: .seconds(2000))
        let cookies = BrowserCookies(signIn: token.revealed)
        let form = ExchangeForm(organization: "acme", csrfToken: SignOnService.signInFormToken(for: token))
        let context = RequestContext(requestID: "1", clientAddress: "127.0.0.1")
        for (index, step) in course.steps.enumerated() {
            bench.advance(by: .seconds(step))
            let stands = index < course.steps.count - 1 || course.stands
            #expect(await isFound(bench.signOn.switcher(cookies: cookies)) == stands, "step \(index)")
            #expect(await isFound(bench.signOn.sessionList(cookies: cookies)) == stands)
            let exchanged = await bench.signOn.exchange(form, cookies: cookies, context: context)
            if case .redirect = exchanged { #expect(stands) } else { #expect(!stands) }
            if writesBetween { await bench.signOn.writeLastSeen() }
        }
    }

    private func isFound<Value>(_ lookup: Lookup<Value>) -> Bool {
        if case .found = lookup { true } else { false }
    }

    @Test("A session in use keeps the sign-in that it came from alive")
    func sharedUse() async throws {
        let bench = try await TestBench(idleTimeout: .seconds(600), lifetime: .seconds(7200))
        try await bench.keys.maintain(now: bench.now)
        let signIn = try await bench.signInRecord()
        let idle = try await bench.signInRecord()
        let session = try await bench.signIn(of: signIn)
        for _ in 0..<2 {
            bench.advance(by: .seconds(400))
            #expect(await bench.identity(session).label == "identity")
            await bench.signOn.writeLastSeen()
        }
        #expect(await isFound(bench.signOn.switcher(cookies: BrowserCookies(signIn: signIn.revealed))))
        #expect(await !isFound(bench.signOn.switcher(cookies: BrowserCookies(signIn: idle.revealed))))
    }

    @Test("Requests write nothing; a batch is one write")
    func batches() async throws {
        let bench = try await TestBench(idleTimeout: .seconds(600))
        try await bench.keys.maintain(now: bench.now)
        var tokens: [SecretToken] = []
        for _ in 0..<20 { tokens.append(try await bench.signIn()) }
        // Another process on the same database sees that something was committed, and nothing else.
        let other = try await Store.open(.sqlite(path: bench.folder + "/gateway.db"), polling: .manual)
        let commits = Mutex(0)
        // The roles of a session that has none yet are noted at its first look.
        for token in tokens { #expect(await bench.identity(token).label == "identity") }
        await bench.signOn.settle()
        await bench.signOn.writeLastSeen()
        try await other.checkForForeignChanges()
        let observation = other.observe { _ in commits.withLock { $0 += 1 } }
        bench.advance(by: .seconds(60))
        for _ in 0..<10 {
            for token in tokens { #expect(await bench.identity(token).label == "identity") }
            try await other.checkForForeignChanges()
        }
        #expect(commits.withLock { $0 } == 0)
        await bench.signOn.writeLastSeen()
        try await other.checkForForeignChanges()
        #expect(commits.withLock { $0 } == 1)
        let now = bench.now
        for token in tokens { #expect(try await other.read { try $0.session(token.hash, at: now)?.lastSeenAt } == now) }
        // Nothing was used since: nothing to write.
        await bench.signOn.writeLastSeen()
        try await other.checkForForeignChanges()
        #expect(commits.withLock { $0 } == 1)
        observation.cancel()
        try await other.close()
    }
}
