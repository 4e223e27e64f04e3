import NIOCore

/// A connection that speaks no protocol yet: its PROXY header or its TLS handshake is under way.
final class Newcomer: Registered {
    let deadline: Int64
    var registryIndex = -1
    private let channel: any Channel

    init(_ channel: any Channel, loop: LoopState) {
        self.channel = channel
        deadline = loop.now + loop.times.head + loop.times.resolution
    }

    func close() { channel.close(promise: nil) }
}
