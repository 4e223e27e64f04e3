import Crypto
import Tenancy

/// Ids of declared things: the same on every machine and at every start, because they follow from the
/// project id and the names in the file.
///
/// A UUID of version 8 (RFC 9562 §5.8): the first 16 bytes of SHA-256 over the project id, the kind and
/// the names, each preceded by its length, with version and variant set. Lengths, so that ("ab", "c") and
/// ("a", "bc") differ.
struct IdentifierDerivation {
    /// What stands before the UUID: `oidc-connection-live-…`.
    enum Kind: String, CaseIterable {
        case project, organization, member
        case oidcConnection = "oidc-connection", samlConnection = "saml-connection"
        case externalConnection = "external-connection"
    }

    let projectID: String

    /// `live` or `test`, as the project id says.
    var environment: String { projectID.hasPrefix("project-test-") ? "test" : "live" }

    func id(_ kind: Kind, _ names: String...) -> String {
        "\(kind.rawValue)-\(environment)-\(Self.uuid([projectID, kind.rawValue] + names))"
    }

    /// The project id of a file that has none. One that is reached on loopback alone is a test.
    static func projectID(of externalURL: Origin) -> String {
        "project-\(externalURL.isLoopback ? "test" : "live")-\(uuid(["project", externalURL.text]))"
    }

    private static func uuid(_ parts: [String]) -> String {
        var hash = SHA256()
        for part in parts {
            var part = part
            part.withUTF8 { bytes in
                withUnsafeBytes(of: UInt64(bytes.count).bigEndian) { hash.update(bufferPointer: $0) }
                hash.update(bufferPointer: UnsafeRawBufferPointer(bytes))
            }
        }
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (index, byte) in hash.finalize().prefix(16).enumerated() {
            let byte = index == 6 ? byte & 0x0F | 0x80 : index == 8 ? byte & 0x3F | 0x80 : byte
            if index == 4 || index == 6 || index == 8 || index == 10 { text.append(UInt8(ascii: "-")) }
            for digit in [byte >> 4, byte & 0x0F] { text.append(digit + (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// In bytes, of the part after `live-` or `test-`.
    static let maximumTailBytes = 64

    /// Whether an id in the file can be one of this kind. Ids are path segments of callback URLs.
    static func isWellFormed(_ id: String, _ kind: Kind) -> Bool {
        let prefixes = ["\(kind.rawValue)-live-", "\(kind.rawValue)-test-"]
        guard let prefix = prefixes.first(where: id.hasPrefix) else { return false }
        let tail = id.utf8.dropFirst(prefix.utf8.count)
        return (1...maximumTailBytes).contains(tail.count)
            && tail.allSatisfy { $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
    }
}
