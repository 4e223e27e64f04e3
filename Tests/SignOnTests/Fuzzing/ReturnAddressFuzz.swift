import Foundation
import FuzzSupport

@testable import SignOn

/// `ReturnAddress(absolute:routes:)`: the whole input is an address that somebody asks to be sent to.
struct ReturnAddressFuzz: FuzzTarget {
    static let name = "return-address"

    private let plans = [nil, 8443].map {
        RoutePlan(
            hosts: [.exact("wiki.acme.example", organizationSlug: "acme"), .organizationLabel(suffix: "apps.example")], scheme: "https",
            port: $0)
    }

    func disagreement(_ input: [UInt8]) -> String? {
        guard let text = String(validating: input, as: UTF8.self) else { return nil }
        var wrong = Disagreement()
        for plan in plans {
            let found = ReturnAddress(absolute: text, routes: plan)
            let reference = Self.reference(text, port: plan.port)
            wrong.expectEqual(found.map { [$0.host, $0.target] }, reference, "address")
            guard let found else { continue }
            // Where a browser goes.
            let sent = plan.origin(ofHost: found.host) + found.target
            wrong.expect(sent == text || sent == text + "/", "another address: \(sent)")
            let parsed = URLComponents(string: sent)
            // Foundation knows fewer characters than browsers; what it does read must be the same host.
            if let parsed { wrong.expectEqual(parsed.host, found.host, "host of the browser") }
        }
        return wrong.text
    }

    private static func reference(_ text: String, port: Int?) -> [String]? {
        let authority = port.map { ":\($0)" } ?? ""
        let pattern = "^https://(wiki\\.acme\\.example|[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.apps\\.example)\(authority)(/.*)?$"
        guard let expression = try? NSRegularExpression(pattern: pattern, options: .dotMatchesLineSeparators),
            let match = expression.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)),
            match.range.length == text.utf16.count,
            let host = Range(match.range(at: 1), in: text)
        else { return nil }
        let target = Range(match.range(at: 2), in: text).map { String(text[$0]) } ?? "/"
        let allowed = CharacterSet(charactersIn: Unicode.Scalar(0x21)...Unicode.Scalar(0x7E)).subtracting(CharacterSet(charactersIn: "\\#"))
        guard target.unicodeScalars.allSatisfy(allowed.contains), !target.hasPrefix("//"), target.utf8.count <= 2048 else { return nil }
        return [String(text[host]), target]
    }
}
