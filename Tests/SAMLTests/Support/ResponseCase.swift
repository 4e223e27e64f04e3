import Testing

@testable import SAML

/// A row of a table: a change of a good response, and what must come of it.
struct ResponseCase: Sendable, CustomTestStringConvertible {
    let name: String
    /// `nil`: accepted.
    let refusal: SAMLRefusal?
    let change: @Sendable (inout TestResponse) -> Void

    init(_ name: String, _ refusal: SAMLRefusal?, _ change: @escaping @Sendable (inout TestResponse) -> Void) {
        self.name = name
        self.refusal = refusal
        self.change = change
    }

    var testDescription: String { name }

    func response(signing: TestResponse.Signing = .assertion) -> TestResponse {
        var response = TestResponse()
        response.signing = signing
        change(&response)
        return response
    }
}

/// A row of a table: an edit of the text of a signed response, and what must come of it.
struct EditCase: Sendable, CustomTestStringConvertible {
    let name: String
    let refusal: SAMLRefusal?
    let edit: @Sendable (String) -> String

    init(_ name: String, _ refusal: SAMLRefusal?, _ edit: @escaping @Sendable (String) -> String) {
        self.name = name
        self.refusal = refusal
        self.edit = edit
    }

    var testDescription: String { name }
}

extension String {
    func replacingFirst(_ old: String, with new: String) -> String {
        guard let range = firstRange(of: old) else { return self }
        return self[..<range.lowerBound] + new + self[range.upperBound...]
    }

    /// From the first `start` to the end of the first `end` behind it.
    func slice(from start: String, through end: String) -> String {
        guard let first = firstRange(of: start), let last = self[first.upperBound...].firstRange(of: end) else { return "" }
        return String(self[first.lowerBound..<last.upperBound])
    }
}
