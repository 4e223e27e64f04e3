import Foundation
import FuzzSupport

@testable import SAML

/// `Base64`: the whole input is the text.
struct Base64Fuzz: FuzzTarget {
    static let name = "base64"

    func disagreement(_ input: [UInt8]) -> String? {
        var wrong = Disagreement()
        let text = String(decoding: input, as: UTF8.self)
        let decoded = Data(base64Encoded: text)
        // Foundation overlooks bits behind the end; one text for one value is what it writes itself.
        let reference = decoded?.base64EncodedString() == text ? decoded.map { Array($0) } : nil
        wrong.expectEqual(Base64.decode(input), reference, "decoded")
        wrong.expectEqual(Base64.encode(input), Data(input).base64EncodedString(), "encoded")
        return wrong.text
    }
}
