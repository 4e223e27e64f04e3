import Foundation
import FuzzSupport

@testable import OIDC

/// `UnverifiedJWS.parse`: the input is a token; where it has a `{`, a token's header, which is encoded first.
struct JWSFuzz: FuzzTarget {
    static let name = "jws"

    func disagreement(_ input: [UInt8]) -> String? {
        var wrong = Disagreement()
        let token = input.first == UInt8(ascii: "{") ? Base64URL.encode(input) + ".e30.c2ln" : String(decoding: input, as: UTF8.self)
        let found = try? UnverifiedJWS.parse(token).get()
        let reference = Self.parts(token)
        let header = reference.flatMap { ReferenceJSON.parse(Array($0[0])) }.flatMap { Self.header($0) }
        wrong.expectEqual(found != nil, header != nil, "accepted")
        guard let found, let reference, let header else { return wrong.text }
        wrong.expectEqual([found.algorithmName, found.keyID, found.type], header, "header")
        wrong.expectEqual(Data(found.payload), reference[1], "payload")
        wrong.expectEqual(Data(found.signature), reference[2], "signature")
        let end = token.lastIndex(of: ".") ?? token.startIndex
        wrong.expectEqual(String(decoding: found.signingInput, as: UTF8.self), String(token[..<end]), "signed bytes")
        wrong.expectEqual(
            [found.payload, found.signature].map { Base64URL.encode($0) }, token.components(separatedBy: ".").suffix(2).map { $0 },
            "encoded again")
        return wrong.text
    }

    private static func parts(_ token: String) -> [Data]? {
        let parts = token.components(separatedBy: ".").compactMap(decode)
        return parts.count == 3 && token.utf8.count { $0 == 0x2E } == 2 ? parts : nil
    }

    /// By Foundation's base64, and only what it would write itself.
    private static func decode(_ part: String) -> Data? {
        guard !part.contains("+"), !part.contains("/"), !part.contains("=") else { return nil }
        let plain = part.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        let padded = plain + String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: padded), data.base64EncodedString() == padded else { return nil }
        return data
    }

    /// `alg`, `kid`, `typ`.
    private static func header(_ value: JSONValue) -> [String?]? {
        guard case .object(let members) = value, case .string(let algorithm) = members["alg"] else { return nil }
        if !Set(members.keys).isDisjoint(with: ["crit", "b64", "enc", "zip"]) { return nil }
        var texts: [String?] = [algorithm]
        for name in ["kid", "typ"] {
            switch members[name] {
            case .string(let text): texts.append(text)
            case nil: texts.append(nil)
            default: return nil
            }
        }
        return texts[1].map { $0.utf8.count } ?? 0 > Bounds.maximumKeyIDBytes ? nil : texts
    }
}
