/// `[fetch]`: outgoing requests to identity providers.
public struct FetchSettings: Sendable, Equatable {
    /// Private and loopback networks that may be reached; empty is none.
    public var allowNetworks: [Network] = []

    public init() {}
}
