/// `[limits]`. The bounds say what is certainly a mistake: below, ordinary requests fail; above, the limit
/// no longer limits.
extension Reader {
    func limits(_ section: Section<LimitsKey>) -> Limits {
        var limits = Limits()
        func count(_ key: LimitsKey, _ path: WritableKeyPath<Limits, Int>, in range: ClosedRange<Int>) {
            if let value = section.integer(key, in: range) { limits[keyPath: path] = value }
        }
        func time(_ key: LimitsKey, _ path: WritableKeyPath<Limits, Duration>, in range: ClosedRange<Duration>) {
            if let value = section.duration(key, in: range) { limits[keyPath: path] = value.value }
        }
        count(.requestHeadBytes, \.requestHeadBytes, in: 1024...262_144)
        count(.requestHeadFields, \.requestHeadFields, in: 16...1000)
        count(.requestTargetBytes, \.requestTargetBytes, in: 512...65_536)
        count(.localBodyBytes, \.localBodyBytes, in: 65_536...16_777_216)
        limits.requestBodyBytes = section.integer(.requestBodyBytes, in: 1024...(1 << 50))
        count(.connections, \.connections, in: 16...1_000_000)
        count(.connectionsPerPeer, \.connectionsPerPeer, in: 1...1_000_000)
        count(.http2Streams, \.http2Streams, in: 1...1000)
        count(.http2ResetsPerMinute, \.http2ResetsPerMinute, in: 10...100_000)
        count(.http2ControlFramesPerMinute, \.http2ControlFramesPerMinute, in: 10...100_000)
        count(.minimumBodyBytesPerSecond, \.minimumBodyBytesPerSecond, in: 0...1_000_000)
        count(.upstreamKeepAliveConnectionsPerLoop, \.upstreamKeepAliveConnectionsPerLoop, in: 0...10_000)
        count(.signInsPerMinutePerAddress, \.signInsPerMinutePerAddress, in: 1...1_000_000)
        count(.discoveriesPerMinutePerAddress, \.discoveriesPerMinutePerAddress, in: 1...1_000_000)
        count(.sessionCacheEntries, \.sessionCacheEntries, in: 1000...10_000_000)
        time(.requestHeadTimeout, \.requestHeadTimeout, in: .seconds(1) ... .seconds(300))
        time(.idleTimeout, \.idleTimeout, in: .seconds(1) ... .seconds(3600))
        time(.bodyTimeout, \.bodyTimeout, in: .seconds(1) ... .seconds(3600))
        time(.upstreamIdleTimeout, \.upstreamIdleTimeout, in: .seconds(1) ... .seconds(86_400))
        time(.upstreamConnectTimeout, \.upstreamConnectTimeout, in: .milliseconds(100) ... .seconds(60))
        time(.upstreamResponseTimeout, \.upstreamResponseTimeout, in: .seconds(1) ... .seconds(3600))
        time(.drainTimeout, \.drainTimeout, in: .zero ... .seconds(3600))
        if limits.requestTargetBytes > limits.requestHeadBytes {
            section.error(
                section.has(.requestTargetBytes) ? .requestTargetBytes : .requestHeadBytes,
                "the request target (\(limits.requestTargetBytes) bytes) does not fit into the head (\(limits.requestHeadBytes) bytes): raise one or lower the other"
            )
        }
        return limits
    }
}
