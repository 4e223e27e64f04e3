/// Bounds that hold for all requests of a client.
struct FetchLimits: Sendable {
    /// Requests under way; more are refused. Each costs a descriptor, and a thread while its name is looked up.
    var maximumTransfers = 512
    /// Requests under way to one host and port: a stuck IdP holds these and no others.
    var maximumTransfersPerOrigin = 64
    /// Open connections that nobody uses, to all hosts.
    var maximumIdleConnections = 128
    /// Name lookup, TCP and TLS handshake together.
    var connectTimeout: Duration = .seconds(5)
    /// Below this many bytes a second for `lowSpeedSeconds` a transfer ends. Waiting for the first byte counts, so
    /// this must leave a slow token endpoint its time.
    var lowSpeedBytesPerSecond = 100
    var lowSpeedSeconds = 10
}
