import FuzzSupport

/// The parsers of this module that the fuzzer and `FuzzingTests` examine.
let fuzzTargets: [any FuzzTarget.Type] = [ReturnAddressFuzz.self]
