import FoundationEssentials
import Storage
import Tenancy

/// Somebody's sign-in as an operator imagines it, or as an audit event holds it.
public struct ExplainedQuestion: Sendable {
    public var email: EmailAddress
    /// What the start names; `nil`: whatever discovery shows.
    public var target: SignInTarget?
    /// Picked among the connections of an organization.
    public var connectionID: ConnectionID?
    /// `nil`: the one that members with the address are linked by, or a new one.
    public var subject: String?
    /// As the IdP writes it; `nil`: what the connection states.
    public var issuer: String?
    public var groups: [String]
    public var verification: Evidence.EmailVerification
    /// The evidence is taken to have the connection's required claims.
    public var hasRequiredClaims = true

    public init(
        email: EmailAddress, target: SignInTarget? = nil, connectionID: ConnectionID? = nil, subject: String? = nil,
        issuer: String? = nil, groups: [String] = [], verification: Evidence.EmailVerification = .notStated
    ) {
        self.email = email
        self.target = target
        self.connectionID = connectionID
        self.subject = subject
        self.issuer = issuer
        self.groups = groups
        self.verification = verification
    }

    /// The question that the event of a sign-in or an exchange answers; `nil` where nobody had asserted an address yet.
    public init?(_ event: AuditEvent) {
        guard [AuditKind.signIn, .exchange].contains(where: { $0.rawValue == event.kind }),
            let email = event.detail["email"].flatMap({ EmailAddress($0) })
        else {
            return nil
        }
        let groups = event.detail["groups"].flatMap { try? JSONDecoder().decode([String].self, from: Data($0.utf8)) }
        self.init(
            email: email,
            target: event.detail["target"].flatMap(SignInTarget.init(text:)) ?? event.organizationID.map { .organization($0) },
            connectionID: event.connectionID, subject: event.detail["subject"], issuer: event.detail["issuer"], groups: groups ?? [],
            verification: event.detail["email_verification"].flatMap(Evidence.EmailVerification.init) ?? .notStated)
        hasRequiredClaims = event.decision != "refused_" + Refusal.requiredClaimMissing.rawValue
    }
}
