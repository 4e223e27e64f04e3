/// What a sealed value is for. Each has its own key, so that a value of one kind can't be passed off
/// as another. The raw value goes into the derivation: never change one.
enum SealingPurpose: String, Sendable {
    case keyCheck = "key-check"
    case connectionSecrets = "connection-secrets"
    case oneTimeRecord = "one-time-record"
    case signingKey = "signing-key"
}
