internal import CXMLSecurity

/// One verification by libxmlsec1, restricted to what the profile of this signature names.
enum SignatureContext {
    static func verifies(_ signature: XMLElement, profile: SignatureProfile, key: VerificationKey) -> Bool {
        guard let context = xmlSecDSigCtxCreate(nil) else { return false }
        defer { xmlSecDSigCtxDestroy(context) }
        guard restrict(context, to: profile), adopt(key, in: context) else { return false }
        guard xmlSecDSigCtxVerify(context, signature.node) == 0, context.pointee.status == xmlSecDSigStatusSucceeded
        else { return false }
        return processedExpectedReference(context, profile: profile)
    }

    /// No manager of keys: KeyInfo is not read. Same-document references, resolved by the registered
    /// ID without XPointer (K11: the XPath engine stays unused); one algorithm of each kind.
    private static func restrict(_ context: xmlSecDSigCtxPtr, to profile: SignatureProfile) -> Bool {
        context.pointee.flags = UInt32(
            XMLSEC_DSIG_FLAGS_IGNORE_MANIFESTS | XMLSEC_DSIG_FLAGS_STORE_SIGNEDINFO_REFERENCES
                | XMLSEC_DSIG_FLAGS_STORE_SIGNATURE | XMLSEC_DSIG_FLAGS_USE_VISA3D_HACK)
        context.pointee.enabledReferenceUris = xmlSecTransformUriType(xmlSecTransformUriTypeSameDocument)
        for transform in [cxs_envelopedSignature(), cxs_exclusiveC14N(), profile.digestAlgorithm.transform] {
            guard let transform, xmlSecDSigCtxEnableReferenceTransform(context, transform) >= 0 else { return false }
        }
        for transform in [cxs_exclusiveC14N(), profile.algorithm.transform] {
            guard let transform, xmlSecDSigCtxEnableSignatureTransform(context, transform) >= 0 else { return false }
        }
        return true
    }

    /// The context owns its key; the key adopts one more reference to the connection's.
    private static func adopt(_ key: VerificationKey, in context: xmlSecDSigCtxPtr) -> Bool {
        let adopted = try? key.handle.withKey { (pointer) throws(SAMLRefusal) -> Bool in
            guard EVP_PKEY_up_ref(pointer) == 1 else { return false }
            guard let value = xmlSecOpenSSLEvpKeyAdopt(pointer) else {
                EVP_PKEY_free(pointer)
                return false
            }
            guard let holder = xmlSecKeyCreate() else {
                xmlSecKeyDataDestroy(value)
                return false
            }
            guard xmlSecKeySetValue(holder, value) >= 0 else {
                xmlSecKeyDataDestroy(value)
                xmlSecKeyDestroy(holder)
                return false
            }
            context.pointee.signKey = holder
            return true
        }
        return adopted ?? false
    }

    /// A success of the library counts only with one reference, whose canonical bytes are there, begin
    /// an element and have the digest that our own reading of the signature saw (E11, E14).
    private static func processedExpectedReference(_ context: xmlSecDSigCtxPtr, profile: SignatureProfile) -> Bool {
        guard xmlSecPtrListGetSize(&context.pointee.signedInfoReferences) == 1,
            let reference = cxs_referenceAt(&context.pointee.signedInfoReferences, 0),
            reference.pointee.status == xmlSecDSigStatusSucceeded,
            let digested = bytes(of: xmlSecDSigReferenceCtxGetPreDigestBuffer(reference)),
            let signed = bytes(of: xmlSecDSigCtxGetPreSignBuffer(context)),
            digested.first == UInt8(ascii: "<"), signed.first == UInt8(ascii: "<")
        else { return false }
        return profile.digestAlgorithm.digest(digested) == profile.digest
    }

    private static func bytes(of buffer: xmlSecBufferPtr?) -> UnsafeBufferPointer<UInt8>? {
        guard let buffer, let start = xmlSecBufferGetData(buffer) else { return nil }
        return UnsafeBufferPointer(start: start, count: Int(xmlSecBufferGetSize(buffer)))
    }
}
