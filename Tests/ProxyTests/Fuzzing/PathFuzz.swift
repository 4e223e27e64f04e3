import FuzzSupport

@testable import Proxy

/// `CanonicalPath` under all four sets of rules: the whole input is a path.
struct PathFuzz: FuzzTarget {
    static let name = "path"

    private func make(_ raw: [UInt8], _ rules: CanonicalPath.Rules) -> (path: [UInt8]?, result: CanonicalPath.Result) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(1, raw.count)) { out in
            guard let base = out.baseAddress else { return (nil, CanonicalPath.Result(outcome: .refused)) }
            let result = withView(raw) { CanonicalPath.make($0, rules: rules, into: base) }
            switch result.outcome {
            case .unchanged: return (raw, result)
            case .rewritten(let count): return (Array(out.prefix(count)), result)
            case .refused: return (nil, result)
            }
        }
    }

    func disagreement(_ input: [UInt8]) -> String? {
        var wrong = Disagreement()
        let references = [false, true].map { ReferencePath(input, keepsRepeatedSlashes: $0) }
        for (repeated, encoded) in [(false, false), (true, false), (false, true), (true, true)] {
            let rules = CanonicalPath.Rules(keepsRepeatedSlashes: repeated, keepsEncodedSlashes: encoded)
            let found = make(input, rules)
            let reference = references[repeated ? 1 : 0]
            wrong.expectEqual(found.path?.text, reference.path?.text, "path")
            guard let path = found.path else { continue }
            wrong.expectEqual(found.result.hasEncodedSlash, reference.hasEncodedSlash, "encoded slash")
            wrong.expectEqual(found.result.hasRepeatedSlash, reference.hasRepeatedSlash, "repeated slash")
            let again = make(path, rules)
            wrong.expect(again.path == path, "made canonical again it is \(again.path?.text ?? "refused")")
            wrong.expect(path.count <= input.count, "longer than what it was made of")
            // An encoded slash may have gone with its segment.
            let isConfigurable = encoded || !again.result.hasEncodedSlash
            wrong.expectEqual(
                CanonicalPath.canonical(path.text, rules: rules)?.text, isConfigurable ? path.text : nil, "as a configured path")
            if isConfigurable { checkReadings(path, rules, &wrong) }
        }
        return wrong.text
    }

    /// What applications make of it has no dot segments, backslashes and NULs, and no other slashes.
    private func checkReadings(_ path: [UInt8], _ rules: CanonicalPath.Rules, _ wrong: inout Disagreement) {
        let read = ReferencePath.asApplicationsRead(path)
        let segments = read.parts(0x2F).map(\.text)
        wrong.expect(!segments.contains(".") && !segments.contains(".."), "an application reads \(read.text)")
        wrong.expect(!read.contains(0x5C) && !read.contains(0x00), "an application reads a backslash or NUL")
        if !rules.keepsEncodedSlashes {
            let written = path.parts(0x2F).filter { !$0.isEmpty && $0.first != 0x3B }.count
            wrong.expect(segments.filter { !$0.isEmpty }.count <= written, "an application reads more segments: \(read.text)")
        }
        var ours = [UInt8](repeating: 0, count: max(1, path.count))
        let count = ours.withUnsafeMutableBufferPointer { out in
            out.baseAddress.map { base in withView(path) { PathReading.make($0, into: base) } } ?? 0
        }
        wrong.expectEqual(Array(ours.prefix(count)).text, read.text, "reading")
        wrong.expect(withView(path) { PathReading.differs($0) } || rules.keepsRepeatedSlashes || read == path, "reading differs unnoticed")
    }
}
