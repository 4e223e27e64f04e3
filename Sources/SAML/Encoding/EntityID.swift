/// saml-core §8.3.6: an entity identifier is a URI of at most 1024 characters.
enum EntityID {
    static let maximumBytes = 1024

    static func isAllowed(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= maximumBytes && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"<>".utf8.contains($0) }
    }
}
