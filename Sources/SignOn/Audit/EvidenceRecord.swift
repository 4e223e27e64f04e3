import Storage
import Tenancy

/// What an audit event keeps of a sign-in, so that the same question can be asked again.
struct EvidenceRecord {
    /// Bytes of group names that an event holds: an IdP may assert thousands.
    private static let maximumGroupBytes = 4096

    var evidence: Evidence
    var target: SignInTarget?

    init(_ evidence: Evidence, target: SignInTarget?) {
        self.evidence = evidence
        self.target = target
    }

    /// Only names and identifiers; an IdP's subject is no secret.
    var detail: [String: String] {
        var detail = ["email": evidence.email?.rawValue ?? "", "issuer": evidence.issuer, "subject": evidence.subject]
        detail["email_verification"] = evidence.emailVerification.rawValue
        detail["target"] = target?.text
        if !evidence.groups.isEmpty {
            var bytes = 0
            let kept = evidence.groups.prefix { group in
                bytes += group.utf8.count + 1
                return bytes <= Self.maximumGroupBytes
            }
            detail["groups"] = String(decoding: JSONText.array(kept.map { .string($0) }).utf8, as: UTF8.self)
            if kept.count < evidence.groups.count { detail["groups_left_out"] = String(evidence.groups.count - kept.count) }
        }
        return detail
    }
}

extension SignInTarget {
    /// `organization:`, `external_connection:` or `connection:` and the id.
    var text: String {
        switch self {
        case .organization(let id): "organization:\(id)"
        case .externalConnection(let id): "external_connection:\(id)"
        case .rootConnection(let id): "connection:\(id)"
        }
    }

    init?(text: String) {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let id = String(text[text.index(after: colon)...])
        switch text[..<colon] {
        case "organization": self = .organization(OrganizationID(id))
        case "external_connection": self = .externalConnection(ExternalConnectionID(id))
        case "connection": self = .rootConnection(ConnectionID(id))
        default: return nil
        }
    }
}
