/// Which requests get a line in the access log, and where lines go.
public struct AccessLogSettings: Sendable {
    /// Above 0 and at most 1: of all requests.
    public let fraction: Double
    /// Writes whole lines of JSON. Called on a thread of its own, never on an event loop; may block.
    public let write: @Sendable (_ lines: [UInt8]) -> Void

    public init(fraction: Double, write: @escaping @Sendable (_ lines: [UInt8]) -> Void) {
        self.fraction = fraction
        self.write = write
    }
}
