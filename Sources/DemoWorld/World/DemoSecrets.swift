/// The secrets of one run of the demo.
public struct DemoSecrets: Sendable, CustomStringConvertible, CustomReflectable {
    /// The gateway's at Acme's OpenID provider.
    public let client: String
    /// The management API's.
    public let project: String

    public init(environment: DemoEnvironment = .system) {
        client = environment.token()
        project = environment.token()
    }

    public var description: String { "[secrets]" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
