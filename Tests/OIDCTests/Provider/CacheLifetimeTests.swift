import Testing

@testable import OIDC

@Suite struct CacheLifetimeTests {
    private static let minimum = ProviderTimes.minimumFreshness
    private static let maximum = ProviderTimes.maximumFreshness

    @Test(
        "Headers decide within the bounds",
        arguments: [
            ([], ProviderTimes.defaultFreshness), (["max-age=3600"], 3_600_000), (["public, max-age=3600"], 3_600_000),
            (["Max-Age=3600 , must-revalidate"], 3_600_000), ([#"max-age="3600""#], 3_600_000),
            (["public", "max-age=3600"], 3_600_000), (["max-age=7200", "max-age=3600"], 3_600_000),
            (["max-age=0"], minimum), (["max-age=1"], minimum), (["max-age=99999999999999999999"], maximum),
            (["max-age=31536000"], maximum), (["no-store"], minimum), (["no-cache, max-age=3600"], minimum),
            (["max-age"], minimum), (["max-age="], minimum), (["max-age=-1"], minimum), (["max-age=abc"], minimum),
            (["max-age=\""], minimum), (["s-maxage=7200"], ProviderTimes.defaultFreshness),
            ([",,=,"], ProviderTimes.defaultFreshness),
        ] as [([String], Int64)])
    func headersDecide(values: [String], expected: Int64) {
        let headers = values.map { HeaderField(name: "cache-control", value: $0) }
        #expect(CacheLifetime.milliseconds(of: IncomingResponse(status: 200, headers: headers, body: [])) == expected)
    }

    @Test("The time spent in other caches counts", arguments: [("600", 3_000_000), ("9999999", minimum), ("x", 3_600_000)])
    func age(age: String, expected: Int64) {
        let headers = [HeaderField(name: "Cache-Control", value: "max-age=3600"), HeaderField(name: "AGE", value: age)]
        #expect(CacheLifetime.milliseconds(of: IncomingResponse(status: 200, headers: headers, body: [])) == expected)
    }
}
