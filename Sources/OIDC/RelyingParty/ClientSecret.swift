/// The secret that a client shares with its provider. No description shows it.
public struct ClientSecret: Sendable, Equatable {
    let text: String

    public init(_ text: String) {
        self.text = text
    }
}

extension ClientSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "ClientSecret" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
