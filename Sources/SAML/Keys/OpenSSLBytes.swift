internal import CXMLSecurity

/// Small adapters between byte arrays and OpenSSL's reading and writing of DER and PEM.
enum OpenSSLBytes {
    /// The longest PEM or DER input, in bytes: certificates and keys are a few kilobytes.
    static let maximumBytes = 256 * 1024

    /// An `i2d_…` function, called once for the length and once for the bytes.
    static func der(_ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32) -> [UInt8]? {
        let length = Int(encode(nil))
        guard length > 0, length <= maximumBytes else { return nil }
        var written = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            var cursor = buffer.baseAddress
            written = Int(encode(&cursor))
            count = max(0, min(written, length))
        }
        return written == length ? bytes : nil
    }

    /// A `PEM_read_bio_…` function over these bytes. Encrypted PEM is refused: without a callback
    /// OpenSSL would ask on the terminal.
    static func read<Value>(
        _ bytes: [UInt8],
        _ body: (OpaquePointer, @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32) -> Value?
    ) -> Value? {
        guard bytes.count <= maximumBytes else { return nil }
        return bytes.withUnsafeBytes { buffer in
            guard let bio = BIO_new_mem_buf(buffer.baseAddress, Int32(truncatingIfNeeded: buffer.count)) else { return nil }
            defer { BIO_free(bio) }
            return body(bio) { _, _, _, _ in 0 }
        }
    }

    static func sha256(_ bytes: [UInt8]) -> [UInt8] { digest(bytes, EVP_sha256()) }

    /// Empty where OpenSSL fails; no digest is empty, so nothing equals that.
    static func digest(_ bytes: some Collection<UInt8>, _ algorithm: OpaquePointer?) -> [UInt8] {
        let input = Array(bytes)
        var length: UInt32 = 0
        let digest = [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { buffer, count in
            let done = input.withUnsafeBytes { EVP_Digest($0.baseAddress, $0.count, buffer.baseAddress, &length, algorithm, nil) }
            count = done == 1 ? Int(length) : 0
        }
        return digest
    }
}
