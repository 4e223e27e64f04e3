import Tenancy

/// Makes ids of things that come about at run time: a kind and a random UUID.
public struct IdentifierMint: Sendable {
    private let randomBytes: @Sendable (Int) -> [UInt8]

    /// - Parameter randomBytes: as many as asked for, unpredictable.
    public init(randomBytes: @escaping @Sendable (Int) -> [UInt8]) { self.randomBytes = randomBytes }

    public func member() -> MemberID { MemberID(make("member")) }
    public func externalConnection() -> ExternalConnectionID { ExternalConnectionID(make("external-connection")) }
    public func session() -> String { make("session") }
    public func event() -> String { make("event") }

    private func make(_ kind: String) -> String { kind + "-live-" + UUIDText.make(randomBytes(16)) }
}
