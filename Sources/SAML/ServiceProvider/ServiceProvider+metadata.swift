extension ServiceProvider {
    /// The metadata document (saml-metadata §2.4.4), UTF-8, to be served as
    /// `application/samlmetadata+xml`. It has no `validUntil`: it describes what holds now.
    public func metadata() -> String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="\(entityID.xmlEscaped)">
          <md:SPSSODescriptor AuthnRequestsSigned="false" WantAssertionsSigned="true" \
        protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
        \(decryptionKey.map(Self.keyDescriptor) ?? "")\
            <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>
            <md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress</md:NameIDFormat>
            <md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified</md:NameIDFormat>
            <md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" \
        Location="\(assertionConsumerURL.xmlEscaped)" index="0" isDefault="true"/>
          </md:SPSSODescriptor>
        </md:EntityDescriptor>

        """
    }

    /// The algorithms that `AssertionDecryption` accepts, best first: IdPs take the first they know.
    private static func keyDescriptor(_ key: DecryptionKey) -> String {
        let methods = ContentCipher.allCases.reversed().map(\.rawValue) + KeyTransport.allCases.reversed().map(\.rawValue)
        return """
                <md:KeyDescriptor use="encryption">
                  <ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
                    <ds:X509Data>
                      <ds:X509Certificate>\(Base64.encode(key.certificate))</ds:X509Certificate>
                    </ds:X509Data>
                  </ds:KeyInfo>
            \(methods.map { "      <md:EncryptionMethod Algorithm=\"\($0)\"/>\n" }.joined())\
                </md:KeyDescriptor>

            """
    }
}
