import CXMLSecurity

@testable import SAML

/// Fills in `ds:Signature` templates with libxmlsec1, unrestricted: the test IdP signs whatever a
/// test asks for.
enum TestSigner {
    /// The document with the template that is a direct child of the element with this `ID` signed.
    static func sign(_ xml: String, elementWithID identifier: String, key: TestKey) -> String {
        withDocument(xml) { document in
            let elements = registerIdentifiers(of: document)
            guard let parent = elements[identifier], let template = parent.children(.signatureName("Signature")).first,
                let context = xmlSecDSigCtxCreate(nil)
            else { fatalError("no template in \(identifier)") }
            defer { xmlSecDSigCtxDestroy(context) }
            context.pointee.signKey = secKey(key)
            context.pointee.flags = UInt32(XMLSEC_DSIG_FLAGS_IGNORE_MANIFESTS)
            // Some templates can't be signed by anyone; the form is refused before the value is looked at.
            _ = xmlSecDSigCtxSign(context, template.node)
            return dump(document)
        }
    }

    /// What a reader would conclude that verifies the first Signature, wherever it is and whatever it
    /// refers to: the control for the wrapping attacks.
    static func naiveVerification(of xml: String, key: TestKey) -> Bool {
        withDocument(xml) { document in
            registerIdentifiers(of: document)
            guard let root = xmlDocGetRootElement(document),
                let signature = xmlSecFindNode(root, "Signature", "http://www.w3.org/2000/09/xmldsig#"),
                let context = xmlSecDSigCtxCreate(nil)
            else { return false }
            defer { xmlSecDSigCtxDestroy(context) }
            context.pointee.signKey = secKey(key)
            return xmlSecDSigCtxVerify(context, signature) == 0 && context.pointee.status == xmlSecDSigStatusSucceeded
        }
    }

    private static func withDocument<Value>(_ xml: String, _ body: (xmlDocPtr) -> Value) -> Value {
        do { try SAMLLibrary.start() } catch { fatalError("\(error)") }
        let bytes = Array(xml.utf8)
        let parsed = bytes.withUnsafeBytes {
            xmlReadMemory($0.baseAddress?.assumingMemoryBound(to: CChar.self), Int32($0.count), nil, nil, Int32(XML_PARSE_NONET.rawValue))
        }
        guard let parsed else { fatalError("the test's XML is malformed: \(xml)") }
        defer { xmlFreeDoc(parsed) }
        return body(parsed)
    }

    @discardableResult
    private static func registerIdentifiers(of document: xmlDocPtr) -> [String: XMLElement] {
        var found: [String: XMLElement] = [:]
        var pending = [xmlDocGetRootElement(document)].compactMap { $0 }.map { XMLElement($0) }
        while let element = pending.popLast() {
            if let attribute = element.attributePointer("ID"), let value = element.attribute("ID"), found[value] == nil {
                xmlAddID(nil, document, value, attribute)
                found[value] = element
            }
            pending += element.children
        }
        return found
    }

    private static func secKey(_ key: TestKey) -> xmlSecKeyPtr? {
        key.withPointer { pointer in
            EVP_PKEY_up_ref(pointer)
            let holder = xmlSecKeyCreate()
            xmlSecKeySetValue(holder, xmlSecOpenSSLEvpKeyAdopt(pointer))
            return holder
        }
    }

    private static func dump(_ document: xmlDocPtr) -> String {
        guard let buffer = xmlBufferCreate(), let root = xmlDocGetRootElement(document) else { return "" }
        defer { xmlBufferFree(buffer) }
        xmlNodeDump(buffer, document, root, 0, 0)
        return String(cString: xmlBufferContent(buffer))
    }
}
