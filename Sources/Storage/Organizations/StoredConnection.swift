import Tenancy

/// A connection with what it takes to talk to its IdP.
public struct StoredConnection: Sendable, Equatable {
    /// The name in the file, or what the API was given.
    public var name: String
    public var connection: Connection
    public var settings: ConnectionSettings
    /// The file declares it (or did): its declared fields change there alone.
    public var isManaged: Bool

    public init(name: String, connection: Connection, settings: ConnectionSettings, isManaged: Bool = false) {
        self.name = name
        self.connection = connection
        self.settings = settings
        self.isManaged = isManaged
    }
}

/// An external connection with its name.
public struct StoredExternalConnection: Sendable, Equatable {
    public var name: String
    public var externalConnection: ExternalConnection
    public var isManaged: Bool

    public init(name: String, externalConnection: ExternalConnection, isManaged: Bool = false) {
        self.name = name
        self.externalConnection = externalConnection
        self.isManaged = isManaged
    }
}
