import Crypto
import Foundation

/// Seals values at rest: AES-256-GCM under a key derived from the key file with HKDF-SHA256 for each
/// purpose, with a random 96-bit nonce. The associated data binds purpose and row, so that whoever
/// can write to the database can't move a sealed value to another row.
struct Sealer: Sendable {
    /// In bytes, of the key file.
    static let keyLength = 32
    /// Changes with the layout: version, nonce (12), ciphertext, tag (16).
    private static let version: UInt8 = 1

    private let keyCheckKey: SymmetricKey
    private let connectionSecretsKey: SymmetricKey
    private let oneTimeRecordKey: SymmetricKey
    private let signingKeyKey: SymmetricKey
    /// Keyed once: an import makes one digest for every declared thing.
    private let keyedDigest: HMAC<SHA256>

    init(key: [UInt8]) {
        let root = SymmetricKey(data: key)
        func derived(_ purpose: String) -> SymmetricKey {
            let info = Array("gateway store v1 \(purpose)".utf8)
            return HKDF<SHA256>.deriveKey(inputKeyMaterial: root, info: info, outputByteCount: 32)
        }
        keyCheckKey = derived(SealingPurpose.keyCheck.rawValue)
        connectionSecretsKey = derived(SealingPurpose.connectionSecrets.rawValue)
        oneTimeRecordKey = derived(SealingPurpose.oneTimeRecord.rawValue)
        signingKeyKey = derived(SealingPurpose.signingKey.rawValue)
        keyedDigest = HMAC<SHA256>(key: derived("declaration-digest"))
    }

    func seal(_ plain: some Sequence<UInt8>, for purpose: SealingPurpose, row: [UInt8]) throws -> [UInt8] {
        let box = try AES.GCM.seal(Array(plain), using: key(purpose), authenticating: associatedData(purpose, row))
        var sealed: [UInt8] = [Self.version]
        sealed.append(contentsOf: box.nonce)
        sealed.append(contentsOf: box.ciphertext)
        sealed.append(contentsOf: box.tag)
        return sealed
    }

    /// `nil` when the value was sealed with another key, for another purpose or row, or changed since.
    func open(_ sealed: [UInt8], for purpose: SealingPurpose, row: [UInt8]) -> [UInt8]? {
        guard sealed.first == Self.version, let box = try? AES.GCM.SealedBox(combined: sealed.dropFirst()) else { return nil }
        guard let plain = try? AES.GCM.open(box, using: key(purpose), authenticating: associatedData(purpose, row)) else {
            return nil
        }
        return [UInt8](plain)
    }

    /// A digest of what the file declares. Keyed, since it covers client secrets, which a plain one would let somebody
    /// guess at.
    func declarationDigest(_ bytes: [UInt8]) -> [UInt8] {
        var digest = keyedDigest
        digest.update(data: bytes)
        return Array(digest.finalize())
    }

    private func key(_ purpose: SealingPurpose) -> SymmetricKey {
        switch purpose {
        case .keyCheck: keyCheckKey
        case .connectionSecrets: connectionSecretsKey
        case .oneTimeRecord: oneTimeRecordKey
        case .signingKey: signingKeyKey
        }
    }

    /// Purpose, a byte that no purpose contains, row: no two pairs give the same bytes.
    private func associatedData(_ purpose: SealingPurpose, _ row: [UInt8]) -> [UInt8] {
        Array(purpose.rawValue.utf8) + [0] + row
    }
}
