import FuzzSupport

@testable import Proxy

/// `CanonicalHost`: the whole input is a `Host` value.
struct HostFuzz: FuzzTarget {
    static let name = "host"

    private func parse(_ input: [UInt8]) -> (host: String, port: Int?)? {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: CanonicalHost.bufferBytes) { out in
            guard let base = out.baseAddress else { return nil }
            return withView(input) { CanonicalHost.parse($0, into: base) }.map {
                (Array(out.prefix($0.count)).text, $0.port.map { Int($0) })
            }
        }
    }

    func disagreement(_ input: [UInt8]) -> String? {
        var wrong = Disagreement()
        let found = parse(input)
        let reference = ReferenceHost(input)
        wrong.expectEqual(found?.host, reference?.host, "host")
        wrong.expectEqual(found?.port, reference?.port, "port")
        if let found {
            let again = parse(Array(found.host.utf8))
            wrong.expect(again?.host == found.host && again?.port == nil, "the canonical host is not canonical")
            wrong.expectEqual(CanonicalHost.canonical(found.host), Array(found.host.utf8), "configured host")
        }
        return wrong.text
    }
}
