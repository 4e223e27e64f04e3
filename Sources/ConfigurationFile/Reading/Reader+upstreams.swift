import Tenancy

/// How a route gets on with its upstreams.
extension Reader {
    private static let connectTimes: ClosedRange<Duration> = .milliseconds(100) ... .seconds(60)
    private static let waitingTimes: ClosedRange<Duration> = .seconds(1) ... .seconds(86_400)

    func upstreamSettings(_ section: Section<RouteKey>, _ upstreams: [Located<UpstreamAddress>]) -> UpstreamSettings {
        var settings = UpstreamSettings()
        settings.connectTimeout = section.duration(.upstreamConnectTimeout, in: Self.connectTimes)?.value
        settings.responseTimeout = section.duration(.upstreamResponseTimeout, in: .seconds(1) ... .seconds(3600))?.value
        settings.idleTimeout = section.duration(.upstreamIdleTimeout, in: Self.waitingTimes)?.value
        if section.has(.upstreamCA) {
            let isUsed = upstreams.contains { if case .https = $0.value { true } else { false } }
            if !isUsed, !upstreams.isEmpty {
                section.error(
                    .upstreamCA, "no upstream of the route is https, so nobody has to vouch for one: remove it, or write https://")
            }
            settings.authorities = authorities(section, .upstreamCA)
        }
        settings.speaksHTTP2 = section.boolean(.upstreamHTTP2) ?? false
        settings.healthCheck = section.section(.healthCheck, HealthCheckKey.self).flatMap(healthCheck)
        return settings
    }

    private func healthCheck(_ section: Section<HealthCheckKey>) -> HealthCheckSettings? {
        section.require(.path)
        let path = section.parsed(.path) { text -> Result<String, Advice> in
            guard text.hasPrefix("/"), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") }) else {
                return .failure(Advice("write a path that begins with /, such as /healthz, with other characters percent-encoded"))
            }
            return .success(text)
        }
        guard let path else { return nil }
        var check = HealthCheckSettings(path: path.value)
        check.interval = section.duration(.interval, in: .milliseconds(100) ... .seconds(3600))?.value ?? check.interval
        check.timeout = section.duration(.timeout, in: .milliseconds(100) ... .seconds(60))?.value ?? check.timeout
        check.healthy = section.integer(.healthy, in: 1...100) ?? check.healthy
        check.unhealthy = section.integer(.unhealthy, in: 1...100) ?? check.unhealthy
        return check
    }

    func responseHeaders(_ section: Section<RouteKey>) -> [ResponseHeader] {
        var headers: [ResponseHeader] = [], seen: Set<String> = []
        for (name, text) in section.stringTable(.responseHeaders, allowsEmptyText: true) ?? [] {
            if let advice = HeaderName.advice(forResponse: name) {
                problems.error(text.line, "`response_headers`: `\(Shown.text(name))`: \(advice)")
            } else if !seen.insert(HeaderName.folded(name)).inserted {
                problems.error(text.line, "`response_headers`: `\(name)` is given twice: keep one")
            } else if !text.value.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) {
                problems.error(text.line, "`response_headers`: `\(name)`: text of a header must be printable ASCII")
            } else {
                headers.append(ResponseHeader(name: name, value: text.value))
            }
        }
        return headers.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }
}
