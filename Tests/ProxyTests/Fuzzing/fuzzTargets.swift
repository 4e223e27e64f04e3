import FuzzSupport

/// The parsers of this module that the fuzzer and `FuzzingTests` examine.
let fuzzTargets: [any FuzzTarget.Type] = [
    HostFuzz.self, PathFuzz.self, ChunkFuzz.self, CookieFuzz.self, RequestFuzz.self, ResponseFuzz.self, HTTP2Fuzz.self,
    HTTP2ResponseFuzz.self, ProxyHeaderFuzz.self,
]
