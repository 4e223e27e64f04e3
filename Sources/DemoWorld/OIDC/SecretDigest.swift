import Crypto

/// Knows a secret again without keeping it. Digests are compared in constant time.
struct SecretDigest: Sendable {
    private let digest: SHA256.Digest

    init(_ secret: String) { digest = SHA256.hash(data: Array(secret.utf8)) }

    func matches(_ candidate: String) -> Bool { SHA256.hash(data: Array(candidate.utf8)) == digest }
}
