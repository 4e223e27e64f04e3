import Tenancy

/// A person's sign-ins and the sessions that came from them, for their own eyes.
public struct SessionList: Sendable {
    public struct Entry: Sendable {
        public var organizationName: String
        public var host: String
        public var createdAt: Instant
        public var lastSeenAt: Instant

        public init(organizationName: String, host: String, createdAt: Instant, lastSeenAt: Instant) {
            self.organizationName = organizationName
            self.host = host
            self.createdAt = createdAt
            self.lastSeenAt = lastSeenAt
        }
    }

    /// One sign-in: a browser, as far as the gateway can tell.
    public struct Device: Sendable {
        /// What a form names it by; no secret.
        public var id: String
        public var isThis: Bool
        public var signedInAt: Instant
        public var lastSeenAt: Instant
        public var entries: [Entry]

        public init(id: String, isThis: Bool, signedInAt: Instant, lastSeenAt: Instant, entries: [Entry]) {
            self.id = id
            self.isThis = isThis
            self.signedInAt = signedInAt
            self.lastSeenAt = lastSeenAt
            self.entries = entries
        }
    }

    /// Shown at most; ending all others ends those that are not shown too.
    public static let maximumDevices = 50

    public var email: String
    /// This one first, then the most recently used.
    public var devices: [Device]
    /// How many more there are.
    public var omitted: Int
    public var csrfToken: String
    public var now: Instant

    public init(email: String, devices: [Device], omitted: Int, csrfToken: String, now: Instant) {
        self.email = email
        self.devices = devices
        self.omitted = omitted
        self.csrfToken = csrfToken
        self.now = now
    }
}

/// What the form of the list asks for.
public enum SessionEnding: Sendable, Equatable {
    /// One device, by `SessionList.Device.id`.
    case device(String)
    /// Every device but this one.
    case others
    case everywhere

    /// For the audit trail.
    var label: String {
        switch self {
        case .device: "device"
        case .others: "others"
        case .everywhere: "everywhere"
        }
    }
}
