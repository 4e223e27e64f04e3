import Foundation
import Testing

@testable import OIDC

/// The JWS and JWK vectors of Wycheproof, each served as the keys of a provider and verified by the
/// one function that real tokens go through, with every algorithm listed that we have.
@Suite struct WycheproofTests {
    /// Vectors that come out otherwise than stated, with the reason.
    static let exceptions: [String: [Int: JWSRefusal]] = [
        "json_web_signature_test.json": [
            // The key says PS256 and the token PS384. A key is for its one algorithm (RFC 7517 §4.4).
            346: .keyDoesNotFit, 350: .keyDoesNotFit,
            // The key says "ES521", which no specification has; it is not read as ES512.
            347: .unknownKey, 351: .unknownKey,
        ]
    ]

    struct Counts: Equatable, CustomStringConvertible {
        var run = 0
        var validAccepted = 0
        var invalidRefused = 0
        /// Stated as valid, but with an algorithm that we do not list: HS256 and its like.
        var unlistedRefused = 0
        var exceptionsRefused = 0
        /// Of all, valid or not: those whose algorithm was the reason.
        var refusedForAlgorithm = 0

        var description: String {
            "\(run) run: \(validAccepted) valid accepted, \(invalidRefused) invalid refused, "
                + "\(unlistedRefused) valid refused for their algorithm, \(exceptionsRefused) exceptions; "
                + "\(refusedForAlgorithm) refused because of the algorithm in all"
        }
    }

    @Test(
        "Every vector comes out as stated, or is refused for an algorithm that we do not list",
        arguments: [
            (
                "json_web_signature_test.json",
                Counts(run: 401, validAccepted: 32, invalidRefused: 355, unlistedRefused: 10, exceptionsRefused: 4, refusedForAlgorithm: 21)
            ),
            (
                "json_web_key_test.json",
                Counts(run: 26, validAccepted: 1, invalidRefused: 21, unlistedRefused: 4, exceptionsRefused: 0, refusedForAlgorithm: 15)
            ),
        ])
    func everyVectorComesOutAsStated(file: String, expected: Counts) async throws {
        let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Vectors/\(file)")
        let root = try JSONValue.parse(Array(Data(contentsOf: url)), maximumBytes: 1 << 20).get()
        var counts = Counts()
        for group in try #require(root.objectValue?["testGroups"]?.arrayValue) {
            let group = try #require(group.objectValue)
            let keys = try #require(group["public"] ?? group["private"])
            let provider = TestProvider(keys: keys.objectValue?["keys"]?.arrayValue ?? [keys])
            let clock = TestClock()
            let directory = ProviderDirectory(fetcher: provider, clock: { clock.now })
            for test in try #require(group["tests"]?.arrayValue) {
                try await run(test, file, directory, &counts)
            }
        }
        #expect(counts == expected)
    }

    private func run(
        _ test: JSONValue, _ file: String, _ directory: ProviderDirectory, _ counts: inout Counts
    ) async throws {
        let test = try #require(test.objectValue)
        let id = try #require(test["tcId"]?.exactInteger)
        let isStatedValid = try #require(test["result"]?.stringValue) == "valid"
        let token = try #require(test["jws"])
        let result = await directory.verify(
            token.stringValue ?? token.text, issuer: "https://op.example", algorithms: SignatureAlgorithm.allCases)
        counts.run += 1
        if result.refusal == .signature(.algorithmNotAllowed) { counts.refusedForAlgorithm += 1 }
        let name = Comment(rawValue: "\(file) \(id)")
        if let reason = Self.exceptions[file]?[Int(id)] {
            counts.exceptionsRefused += 1
            #expect(result.refusal == .signature(reason), name)
        } else if isStatedValid, !Self.listed.contains(Self.algorithm(of: token.stringValue ?? "")) {
            counts.unlistedRefused += 1
            #expect(result.value == nil, name)
        } else if isStatedValid {
            counts.validAccepted += 1
            #expect(result.value != nil, name)
        } else {
            counts.invalidRefused += 1
            #expect(result.value == nil, name)
        }
    }

    private static let listed = SignatureAlgorithm.allCases.map(\.rawValue)

    /// `alg` as a lenient reader sees it.
    private static func algorithm(of token: String) -> String {
        var header = token.prefix { $0 != "." }.filter { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) }
            .replacing("-", with: "+").replacing("_", with: "/")
        header += String(repeating: "=", count: (4 - header.count % 4) % 4)
        guard let data = Data(base64Encoded: header) else { return "" }
        return (try? JSONSerialization.jsonObject(with: data) as? [String: Any])?["alg"] as? String ?? ""
    }
}
