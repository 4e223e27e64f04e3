import Testing

@testable import Proxy

@Suite struct IdentityCacheTests {
    private let route = Route(id: "r", host: .exact("a"), organizationSlug: "acme", upstreams: [])

    private func key(_ number: UInt8) -> IdentityKey {
        IdentityKey(tokenHash: SessionTokenHash(Array(repeating: number, count: 32)), route: ObjectIdentifier(route), originHash: 1)
    }

    private func entry(_ number: UInt8, authority: String = "a", tags: [UInt64] = []) -> CachedIdentity {
        CachedIdentity(
            key: key(number), route: route, scheme: .https, authority: Array(authority.utf8), organizationSlug: "acme",
            headers: StubSessions.headers("", tags: tags), generation: 1)
    }

    private func has(_ cache: IdentityCache, _ number: UInt8, _ authority: String = "a", _ scheme: Scheme = .https) -> Bool {
        withView(authority) { cache.find(key(number), authority: $0, scheme: scheme) != nil }
    }

    @Test func `an entry is found for its own origin only`() {
        let cache = IdentityCache(capacity: 4)
        cache.insert(entry(1))
        #expect(has(cache, 1))
        #expect(!has(cache, 1, "b"))
        #expect(!has(cache, 1, "a", .http))
        #expect(!has(cache, 2))
    }

    @Test func `it never holds more than its capacity, and keeps what is used`() {
        let cache = IdentityCache(capacity: 4)
        for number in 0..<4 { cache.insert(entry(UInt8(number))) }
        cache.insert(entry(100))
        for number in 101..<200 {
            #expect(has(cache, 100))
            cache.insert(entry(UInt8(number)))
            #expect(cache.count == 4)
        }
        #expect(has(cache, 100))
        #expect(!has(cache, 0))
    }

    @Test func `removing an entry leaves its successor`() {
        let cache = IdentityCache(capacity: 4)
        let old = entry(1)
        cache.insert(old)
        cache.insert(entry(1))
        cache.remove(old)
        #expect(has(cache, 1))
        cache.removeAll { _ in true }
        #expect(cache.count == 0)
        cache.insert(entry(1))
        #expect(has(cache, 1))
    }

    @Test func `an invalidation touches what it names, and nothing that was asked for after it`() throws {
        var log = InvalidationLog()
        let mine = try #require(SessionTokenHash(Array(repeating: UInt8(1), count: 32)))
        let asked = entry(1, tags: [7])
        log.note(.tags([8]))
        #expect(!log.invalidates(asked))
        log.note(.tags([7]))
        #expect(log.invalidates(asked))
        #expect(!log.touched(mine, [7], since: log.generation))
        let start = log.generation
        log.note(.session(mine))
        #expect(log.touched(mine, [], since: start))
        #expect(!log.touched(nil, [], since: start))
        log.note(.everything)
        #expect(log.touched(nil, [], since: start))
        let later = log.generation
        log.forgetNames()
        #expect(log.touched(nil, [], since: later))
        #expect(!log.touched(nil, [], since: log.generation))
    }

    @Test(
        "a header block is lines and nothing else",
        arguments: [
            ("", true), ("A: b\r\n", true), ("A: b\r\nC:\r\n", true), ("A: b", false), ("A: b\n", false), ("A b\r\n", false),
            ("A: b\r\n\r\n", false),
            ("A: b\rC: d\r\n", false), ("A : b\r\n", false), ("A: \u{0}\r\n", false), (": b\r\n", false),
        ])
    func block(_ text: String, _ expected: Bool) { #expect(HeaderBlock.isWellFormed(Array(text.utf8)) == expected) }
}
