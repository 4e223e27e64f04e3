import Testing

@testable import OIDC

@Suite struct ProviderDirectoryTests {
    static let issuer = "https://op.example"
    let clock = TestClock()

    private func directory(_ fetcher: any Fetcher, maximumIssuers: Int = 10) -> ProviderDirectory {
        let clock = clock
        return ProviderDirectory(fetcher: fetcher, clock: { clock.now }, maximumIssuers: maximumIssuers)
    }

    private func provider() throws -> TestProvider {
        TestProvider(keys: [try TestKey.sharedRSA.jwk(keyID: "key-1")])
    }

    private func token(keyID: String?, key: TestKey = .sharedRSA) throws -> String {
        try key.token(payload: "{}", .rs256, keyID: keyID)
    }

    // MARK: Single flight

    @Test func `A thousand callers at once make one request for each document`() async throws {
        let provider = try provider()
        let gate = Gate()
        provider.hold(provider.metadataURL, at: gate)
        let directory = directory(provider)
        let counts = await withTaskGroup(of: Int?.self) { group in
            for _ in 0..<1000 {
                group.addTask { await directory.keys(issuer: Self.issuer).value?.count }
            }
            group.addTask {
                await gate.open()
                return nil
            }
            return await group.reduce(into: 0) { $0 += $1 ?? 0 }
        }
        #expect(counts == 1000)
        #expect(provider.requestCount(provider.metadataURL) == 1)
        #expect(provider.requestCount(provider.keySetURL) == 1)
    }

    @Test func `A caller who gives up does not end the request for the others`() async throws {
        let provider = try provider()
        let gate = Gate()
        provider.hold(provider.metadataURL, at: gate)
        let directory = directory(provider)
        let impatient = Task { await directory.metadata(issuer: Self.issuer) }
        while provider.requests.isEmpty { await Task.yield() }
        let patient = Task { await directory.metadata(issuer: Self.issuer) }
        impatient.cancel()
        await gate.open()
        #expect(await patient.value.value != nil)
        #expect(provider.requestCount(provider.metadataURL) == 1)
    }

    @Test func `A provider that hangs holds up nobody else`() async throws {
        let hanging = TestProvider(issuer: "https://hanging.example")
        let gate = Gate()
        hanging.hold(hanging.metadataURL, at: gate)
        let healthy = try provider()
        let directory = directory(Both(first: hanging, second: healthy))
        let waiting = Task { await directory.keys(issuer: hanging.issuer) }
        while hanging.requests.isEmpty { await Task.yield() }
        #expect(await directory.keys(issuer: healthy.issuer).value?.count == 1)
        await gate.open()
        #expect(await waiting.value.value != nil)
    }

    struct Both: Fetcher {
        let first: TestProvider
        let second: TestProvider

        func send(_ request: OutgoingRequest) async throws -> IncomingResponse {
            try await (request.url.hasPrefix(first.issuer) ? first : second).send(request)
        }
    }

    // MARK: Unknown keys (F5)

    @Test func `F5: ten thousand invented key ids make one request per interval`() async throws {
        let provider = try provider()
        let directory = directory(provider)
        _ = await directory.keys(issuer: Self.issuer)
        #expect(provider.requestCount(provider.keySetURL) == 1)
        let tokens = try (0..<100).map { try token(keyID: "invented-\($0)") }
        for (round, count) in [(1, 10_000), (2, 100), (3, 100)] {
            let refused = await withTaskGroup(of: Bool.self) { group in
                for index in 0..<count {
                    group.addTask {
                        await directory.verify(tokens[index % 100], issuer: Self.issuer, algorithms: [.rs256]).refusal
                            == .signature(.unknownKey)
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(refused == count)
            #expect(provider.requestCount(provider.keySetURL) == 1 + round)
            clock.advance(seconds: ProviderTimes.unknownKeyRefreshInterval / 1000)
        }
        #expect(provider.requestCount(provider.metadataURL) == 1)
    }

    @Test func `F5: the limit holds while the provider is away`() async throws {
        let provider = try provider()
        let directory = directory(provider)
        _ = await directory.keys(issuer: Self.issuer)
        provider.fail(provider.keySetURL)
        for _ in 0..<100 {
            #expect(
                await directory.verify(try token(keyID: "x"), issuer: Self.issuer, algorithms: [.rs256]).refusal
                    == .signature(.unknownKey))
        }
        #expect(provider.requestCount(provider.keySetURL) == 2)
        // The keys that we have go on to count.
        #expect(await directory.verify(try token(keyID: "key-1"), issuer: Self.issuer, algorithms: [.rs256]).value != nil)
    }

    @Test func `A rotated key is found by one more request, and so is one under the same name`() async throws {
        let provider = try provider()
        let directory = directory(provider)
        #expect(await directory.verify(try token(keyID: "key-1"), issuer: Self.issuer, algorithms: [.rs256]).value != nil)
        provider.serve(keys: [try TestKey.otherRSA.jwk(keyID: "key-2")])
        let rotated = try token(keyID: "key-2", key: .otherRSA)
        #expect(await directory.verify(rotated, issuer: Self.issuer, algorithms: [.rs256]).value != nil)
        #expect(provider.requestCount(provider.keySetURL) == 2)
        // The withdrawn key no longer counts.
        #expect(
            await directory.verify(try token(keyID: "key-1"), issuer: Self.issuer, algorithms: [.rs256]).refusal
                == .signature(.unknownKey))
        clock.advance(seconds: ProviderTimes.unknownKeyRefreshInterval / 1000)
        provider.serve(keys: [try TestKey.sharedRSA.jwk(keyID: "key-2")])
        #expect(await directory.verify(try token(keyID: "key-2"), issuer: Self.issuer, algorithms: [.rs256]).value != nil)
        #expect(provider.requestCount(provider.keySetURL) == 3)
    }

    // MARK: Lifetime

    @Test func `A document is used as long as its headers say, within bounds`() async throws {
        let provider = try provider()
        provider.serve(metadata: provider.metadata(), cacheControl: "max-age=86400")
        provider.serve(keys: [try TestKey.sharedRSA.jwk(keyID: "key-1")], cacheControl: "max-age=600")
        let directory = directory(provider)
        _ = await directory.keys(issuer: Self.issuer)
        clock.advance(seconds: 599)
        _ = await directory.keys(issuer: Self.issuer)
        #expect(provider.requestCount(provider.keySetURL) == 1)
        clock.advance(seconds: 1)
        _ = await directory.keys(issuer: Self.issuer)
        await settle(provider, provider.keySetURL, 2)
        #expect(provider.requestCount(provider.metadataURL) == 1)
    }

    /// Waits until a request that nobody waits for has been made.
    private func settle(_ provider: TestProvider, _ url: String, _ count: Int) async {
        while provider.requestCount(url) < count { await Task.yield() }
        #expect(provider.requestCount(url) == count)
    }

    @Test func `A stale document is used at once while one new one is fetched`() async throws {
        let provider = try provider()
        let directory = directory(provider)
        let old = try await directory.heldKeys(issuer: Self.issuer).get()
        clock.advance(seconds: ProviderTimes.defaultFreshness / 1000)
        let gate = Gate()
        provider.hold(provider.keySetURL, at: gate)
        for _ in 0..<100 {
            #expect(try await directory.heldKeys(issuer: Self.issuer).get().fetchID == old.fetchID)
        }
        await settle(provider, provider.keySetURL, 2)
        await gate.open()
        let new = await directory.newerKeys(issuer: Self.issuer, than: old)
        #expect(new != nil)
        #expect(try await directory.heldKeys(issuer: Self.issuer).get().fetchID == new?.fetchID)
        #expect(provider.requestCount(provider.keySetURL) == 2)
    }

    @Test func `When the provider is away the last good keys count for a bounded time`() async throws {
        let provider = try provider()
        provider.serve(metadata: provider.metadata(), cacheControl: "max-age=86400")
        let directory = directory(provider)
        _ = await directory.keys(issuer: Self.issuer)
        provider.fail(provider.keySetURL)
        clock.advance(seconds: (ProviderTimes.defaultFreshness + ProviderTimes.maximumStaleness) / 1000 - 1)
        #expect(await directory.keys(issuer: Self.issuer).value?.count == 1)
        await settle(provider, provider.keySetURL, 2)
        clock.advance(seconds: 1)
        var refusal: ProviderRefusal?
        repeat {
            refusal = await directory.keys(issuer: Self.issuer).refusal
            clock.advance(seconds: ProviderTimes.failureRetryInterval / 1000)
        } while refusal == nil
        #expect(refusal == .keysUnavailable)
        provider.serve(keys: [])
        #expect(await directory.keys(issuer: Self.issuer).value?.count == 0)
    }

    @Test(
        "A dead provider is asked once per interval, and its failure is known",
        arguments: [
            ({ @Sendable in $0.fail($0.metadataURL) }, .metadataUnavailable),
            ({ @Sendable in $0.respond(to: $0.metadataURL, status: 500, json: "{}") }, .metadataUnavailable),
            ({ @Sendable in $0.respond(to: $0.metadataURL, status: 302, json: $0.metadata().text) }, .metadataUnavailable),
            ({ @Sendable in $0.respond(to: $0.metadataURL, json: "<html>") }, .metadataMalformed),
            ({ @Sendable in $0.serve(metadata: $0.metadata(["issuer": "https://other.example"])) }, .issuerMismatch),
        ] as [(@Sendable (TestProvider) -> Void, ProviderRefusal)])
    func deadProvider(kill: @Sendable (TestProvider) -> Void, refusal: ProviderRefusal) async throws {
        let provider = try provider()
        kill(provider)
        let directory = directory(provider)
        for round in 1...3 {
            for _ in 0..<100 {
                #expect(await directory.keys(issuer: Self.issuer).refusal == refusal)
            }
            #expect(provider.requestCount(provider.metadataURL) == round)
            clock.advance(seconds: ProviderTimes.failureRetryInterval / 1000)
        }
        provider.serve(metadata: provider.metadata())
        #expect(await directory.keys(issuer: Self.issuer).value?.count == 1)
    }

    @Test(
        "A key set that is none is a failure and not an empty set",
        arguments: [("", .keysMalformed), ("[]", .keysMalformed), ("{\"keys\":1}", .keysMalformed)]
            as [(String, ProviderRefusal)])
    func badKeySet(text: String, refusal: ProviderRefusal) async throws {
        let provider = try provider()
        provider.respond(to: provider.keySetURL, json: text)
        let directory = directory(provider)
        #expect(await directory.keys(issuer: Self.issuer).refusal == refusal)
        #expect(
            await directory.verify(try token(keyID: "key-1"), issuer: Self.issuer, algorithms: [.rs256]).refusal
                == .provider(refusal))
    }

    @Test func `A clock that is set back makes documents stale, not fresh for longer`() async throws {
        let provider = try provider()
        let directory = directory(provider)
        _ = await directory.metadata(issuer: Self.issuer)
        clock.advance(seconds: -86_400 * 365)
        _ = await directory.metadata(issuer: Self.issuer)
        #expect(provider.requestCount(provider.metadataURL) == 2)
    }

    @Test func `Keys from another address replace those from the old one`() async throws {
        let provider = try provider()
        provider.serve(metadata: provider.metadata(), cacheControl: "max-age=300")
        let directory = directory(provider)
        _ = await directory.keys(issuer: Self.issuer)
        provider.respond(
            to: "https://op.example/new", json: JSONValue.object(["keys": [try TestKey.otherRSA.jwk(keyID: "n")]]).text)
        provider.serve(metadata: provider.metadata(["jwks_uri": "https://op.example/new"]))
        clock.advance(seconds: 300 + ProviderTimes.maximumStaleness / 1000)
        let keys = try await directory.heldKeys(issuer: Self.issuer).get()
        #expect(keys.value.keys.map(\.keyID) == ["n"])
    }

    // MARK: Issuers

    @Test(
        "An issuer that is none is refused without a request",
        arguments: ["", "op.example", "http://op.example", "https://op.example?x", "https://op.example#x", "file:///x"])
    func badIssuer(issuer: String) async throws {
        let provider = try provider()
        #expect(await directory(provider).keys(issuer: issuer).refusal == .issuerNotAccepted)
        #expect(provider.requests.isEmpty)
    }

    @Test func `The number of issuers in memory is bounded, and the least recently used goes`() async throws {
        let everywhere = Everywhere()
        let directory = directory(everywhere, maximumIssuers: 3)
        func issuer(_ number: Int) -> String { "https://op\(number).example" }
        for number in 1...3 { _ = await directory.metadata(issuer: issuer(number)) }
        _ = await directory.metadata(issuer: issuer(1))
        #expect(everywhere.provider.requests.count == 3)
        for number in 4...100 {
            _ = await directory.metadata(issuer: issuer(number))
            _ = await directory.metadata(issuer: issuer(1))
            #expect(await directory.issuerCount == 3)
        }
        #expect(everywhere.provider.requestCount(issuer(1) + "/.well-known/openid-configuration") == 1)
        _ = await directory.metadata(issuer: issuer(2))
        #expect(everywhere.provider.requestCount(issuer(2) + "/.well-known/openid-configuration") == 2)
    }

    /// Every issuer, each with its own document.
    struct Everywhere: Fetcher {
        let provider = TestProvider()

        func send(_ request: OutgoingRequest) async throws -> IncomingResponse {
            let issuer = request.url.replacing("/.well-known/openid-configuration", with: "")
            provider.respond(to: request.url, json: TestProvider(issuer: issuer).metadata().text)
            return try await provider.send(request)
        }
    }

    @Test func `The requests are bounded in size and time, and hold nothing but the address`() async throws {
        let provider = try provider()
        _ = await directory(provider).keys(issuer: Self.issuer)
        #expect(provider.requests.count == 2)
        for request in provider.requests {
            #expect(request.method == .get)
            #expect(request.headers.map(\.name) == ["Accept"])
            #expect(request.body.isEmpty)
            #expect(request.maximumBodyBytes <= 512 * 1024)
            #expect(request.deadline <= .seconds(10))
        }
    }
}
