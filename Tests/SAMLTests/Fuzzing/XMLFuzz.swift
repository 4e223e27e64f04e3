import FuzzSupport

@testable import SAML

/// `XMLPrecheck` and what libxml2 then makes of a document: the first byte chooses the bounds, the rest is the
/// document.
struct XMLFuzz: FuzzTarget {
    static let name = "xml"

    private static let bounds = [false, true].map {
        XMLBounds(
            maximumBytes: 400, maximumElements: 12, maximumDepth: 5, maximumAttributesPerElement: 4, allowsComments: $0,
            allowsByteOrderMark: $0)
    }

    init() {
        do { try SAMLLibrary.start() } catch { fatalError("\(error)") }
    }

    func disagreement(_ input: [UInt8]) -> String? {
        guard let first = input.first else { return nil }
        let bounds = Self.bounds[Int(first & 1)]
        let bytes = Array(input.dropFirst())
        var wrong = Disagreement()
        do throws(SAMLRefusal) {
            let admitted = try XMLPrecheck.admit(bytes, bounds: bounds)
            checkAdmitted(admitted, bytes, bounds, &wrong)
            let document = try XMLDocument.parse(bytes, bounds: bounds)
            try document.withRoot { root throws(SAMLRefusal) in
                let measured = Self.measure(root)
                wrong.expect(measured.depth <= bounds.maximumDepth, "elements \(measured.depth) deep")
                wrong.expect(measured.elements <= bounds.maximumElements, "\(measured.elements) elements")
            }
        } catch {
            checkRefused(error, bytes, bounds, &wrong)
        }
        return wrong.text
    }

    /// None of what has no place in such a document is anywhere, not even in a value.
    private func checkAdmitted(_ admitted: [UInt8], _ bytes: [UInt8], _ bounds: XMLBounds, _ wrong: inout Disagreement) {
        let text = String(validating: admitted, as: UTF8.self)
        wrong.expect(text != nil, "not UTF-8")
        wrong.expect(!admitted.contains(0), "a NUL")
        wrong.expect(admitted.count <= bounds.maximumBytes, "too large")
        wrong.expect(admitted == bytes || bounds.allowsByteOrderMark && [0xEF, 0xBB, 0xBF] + admitted == bytes, "other bytes")
        guard let text else { return }
        let declaration = text.prefixMatch(of: /<\?xml[ \t\r\n][^>]*\?>/)?.output ?? ""
        var rest = String(text.dropFirst(declaration.count))
        if bounds.allowsComments { rest.replace(/(?s)<!--.*?-->/, with: "") }
        // What stands in quotes is a value, in which libxml2 takes no `<`.
        rest.replace(/(?s)"[^"<]*"|'[^'<]*'/, with: "")
        for construct in ["<!DOCTYPE", "<!ENTITY", "<![CDATA["] where rest.contains(construct) {
            wrong.expect((try? XMLDocument.parse(bytes, bounds: bounds)) == nil, "\(construct) is parsed")
        }
    }

    /// What is refused has what it is refused for.
    private func checkRefused(_ refusal: SAMLRefusal, _ bytes: [UInt8], _ bounds: XMLBounds, _ wrong: inout Disagreement) {
        let text = String(decoding: bytes, as: UTF8.self)
        switch refusal {
        case .tooLarge: wrong.expect(bytes.count > bounds.maximumBytes, "refused as too large")
        case .processingInstruction: wrong.expect(text.contains("<?"), "refused for an instruction")
        case .comment: wrong.expect(text.contains("<!--") && !bounds.allowsComments, "refused for a comment")
        case .characterDataSection: wrong.expect(text.contains("<!["), "refused for a section")
        case .documentType: wrong.expect(text.contains("<!"), "refused for a document type")
        case .tooManyElements: wrong.expect(text.count { $0 == "<" } > bounds.maximumElements, "refused for its elements")
        case .tooDeep: wrong.expect(text.count { $0 == "<" } > bounds.maximumDepth, "refused for its depth")
        case .tooManyAttributes: wrong.expect(text.count { $0 == "=" } > bounds.maximumAttributesPerElement, "refused for attributes")
        case .characterEncoding, .notWellFormed: break
        default: wrong.expect(false, "refused for \(refusal)")
        }
    }

    private static func measure(_ element: XMLElement) -> (depth: Int, elements: Int) {
        let below = element.children.map(measure)
        return (1 + (below.map(\.depth).max() ?? 0), 1 + below.map(\.elements).reduce(0, +))
    }
}
