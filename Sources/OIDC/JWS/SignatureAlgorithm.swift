/// The signature algorithms of RFC 7518 §3.1 and RFC 8037 that a connection can list. `none` and
/// the HMACs are not among them: no value stands for them, so no code path can take them.
public enum SignatureAlgorithm: String, Sendable, Hashable, CaseIterable {
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
    /// With Ed25519 only.
    case edDSA = "EdDSA"

    /// The list of a connection that names none.
    public static let defaults: [SignatureAlgorithm] = [.rs256, .ps256, .es256, .es384, .edDSA]
}
