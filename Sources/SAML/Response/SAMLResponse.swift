/// The answer of an IdP, as the `SAMLResponse` field of a POST to the ACS.
public enum SAMLResponse {
    /// Bytes of the field. The document itself is bounded by `XMLBounds.response`.
    public static let maximumBase64Bytes = 704 * 1024

    /// Validates in the strict profile: what is not expected, ambiguous or unsigned is refused.
    ///
    /// Not decided here: whether the assertion's ID was seen before.
    public static func validate(
        base64: String, expecting expectations: ResponseExpectations
    ) -> Result<ValidatedAssertion, SAMLRefusal> {
        defer { SAMLLibrary.leave() }
        return Result { () throws(SAMLRefusal) in
            try SAMLLibrary.enter()
            if let end = expectations.identityProvider.validUntil, expectations.now >= end { throw .metadataExpired }
            let document = try XMLDocument.parse(try bytes(ofBase64: base64), bounds: .response)
            return try document.withRoot { (root) throws(SAMLRefusal) in
                try ResponseValidation(expectations: expectations).validate(root)
            }
        }
    }

    /// What the outer response claims to answer, to find the pending request by; `nil` where it names
    /// none. Nothing of it is verified: `validate` does that afterwards.
    public static func unverifiedInResponseTo(base64: String) -> Result<String?, SAMLRefusal> {
        defer { SAMLLibrary.leave() }
        return Result { () throws(SAMLRefusal) in
            try SAMLLibrary.enter()
            let document = try XMLDocument.parse(try bytes(ofBase64: base64), bounds: .response)
            return try document.withRoot { (root) throws(SAMLRefusal) in
                guard root.isNamed(.protocolName("Response")) else { throw .notAResponse }
                return root.attribute("InResponseTo")
            }
        }
    }

    /// Line breaks are let through: many IdPs wrap the field.
    private static func bytes(ofBase64 text: String) throws(SAMLRefusal) -> [UInt8] {
        guard text.utf8.count <= maximumBase64Bytes else { throw .tooLarge }
        var characters = Array(text.utf8)
        characters.removeAll { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        guard let bytes = Base64.decode(characters), !bytes.isEmpty else { throw .encodingMalformed }
        return bytes
    }
}
