import Tenancy

/// `custom_claims`: text with `{placeholder}`s. Beside the placeholders of headers there are
/// `{member.trusted_metadata.NAME}`: what the connection's `attribute_mapping` calls NAME.
enum CustomClaim {
    private static let metadataPrefix = "member.trusted_metadata."

    /// `nil` where a placeholder has no value: a claim that is half text would look like an answer.
    static func render(_ template: String, for person: SignedInPerson) -> String? {
        var rendered = ""
        var rest = template[...]
        while let open = rest.firstIndex(of: "{") {
            rendered += rest[..<open]
            guard let close = rest[open...].firstIndex(of: "}") else { return nil }
            let name = String(rest[rest.index(after: open)..<close])
            guard let value = value(of: name, for: person) else { return nil }
            rendered += value
            rest = rest[rest.index(after: close)...]
        }
        return rendered + rest
    }

    private static func value(of name: String, for person: SignedInPerson) -> String? {
        if name.hasPrefix(metadataPrefix) {
            let values = person.evidence.attributes[String(name.dropFirst(metadataPrefix.count))] ?? []
            return values.isEmpty ? nil : values.joined(separator: ",")
        }
        let value = IdentityPlaceholder(rawValue: name).map { person.value(of: $0) }
        return value?.isEmpty == true ? nil : value
    }
}
