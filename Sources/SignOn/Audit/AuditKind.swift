/// What an audit event is about: the closed set of `AuditEvent.kind`.
public enum AuditKind: String, Sendable, CaseIterable {
    /// A sign-in, from its start to its landing: admitted, or refused at any step.
    case signIn = "sign_in"
    /// The hand-off became a session of a host.
    case sessionStart = "session_start"
    /// A rule or a limit ended a session.
    case sessionEnd = "session_end"
    /// An administrator ended a session.
    case sessionRevoked = "session_revoked"
    /// The person ended sign-ins of their own, on this device or others.
    case sessionsEnded = "sessions_ended"
    /// A refresh found other roles than the one before.
    case rolesChanged = "roles_changed"
    case signOut = "sign_out"
    /// A session into another organization (R5).
    case exchange
    /// The file was imported, or could not be.
    case configuration
    /// An act on an external connection (R10), or a change of the IdP behind one.
    case externalConnection = "external_connection"
    case connection
    case organization
    case member
    case assertionKeys = "assertion_keys"
}
