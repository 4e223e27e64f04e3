internal import CXMLSecurity

/// The owner of one `EVP_PKEY`, public or private.
final class KeyHandle: Sendable {
    /// Never changed after `init`; OpenSSL counts references atomically, and its functions only read
    /// a key that is complete. That is why several threads may hold it.
    private nonisolated(unsafe) let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) { self.pointer = pointer }

    deinit { EVP_PKEY_free(pointer) }

    func withKey<Value>(_ body: (OpaquePointer) throws(SAMLRefusal) -> Value) throws(SAMLRefusal) -> Value {
        try body(pointer)
    }
}
