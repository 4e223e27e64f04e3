import NIOCore

/// What is noted about a request that gets a line. There is none for a request that does not.
final class AccessRecord {
    let begun = NIODeadline.now()
    let time: UnixMilliseconds
    // As decided on: canonical. Empty where the head was refused.
    var method: [UInt8] = []
    var host: [UInt8] = []
    var path: [UInt8] = []
    var client: [UInt8] = []
    var organization = ""
    /// Id of the member who asks; empty for nobody.
    var member: [UInt8] = []
    var protocolName: StaticString = "HTTP/1.1"
    /// The last upstream that it was sent to.
    private(set) var upstream: String?
    private var sent: NIODeadline?
    private(set) var upstreamMicroseconds: Int64?

    init(time: UnixMilliseconds) { self.time = time }

    func noteSent(to target: UpstreamTarget) {
        upstream = target.upstream.description
        sent = .now()
    }

    /// The upstream has answered with a head.
    func noteResponse() {
        if let sent { upstreamMicroseconds = (NIODeadline.now() - sent).nanoseconds / 1_000 }
    }
}
