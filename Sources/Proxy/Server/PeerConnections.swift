import NIOCore
import Synchronization

/// Counts the connections of each client address, over all loops: one client must not take the places of
/// all others. Whoever holds an IPv6 address holds at least its /64, so that is one client.
final class PeerConnections: Sendable {
    private struct Key: Hashable {
        let high: UInt64
        let low: UInt64

        init(_ address: IPAddress) {
            high = address.high
            low = address.isIPv4 ? address.low : 0
        }
    }

    /// Taken when a connection is opened and when it is closed, never for a request.
    private let counts = Mutex<[Key: Int]>([:])

    /// False: the peer has as many as it may have. Otherwise it has one more until `channel` closes. Trusted
    /// proxies speak for many clients, and a unix socket has no address: neither is counted.
    func admit(_ peer: Peer, _ channel: any Channel, maximum: Int) -> Bool {
        guard !peer.isTrusted, let address = peer.address else { return true }
        let key = Key(address)
        let isAdmitted = counts.withLock { counts in
            let count = counts[key, default: 0]
            guard count < maximum else { return false }
            counts[key] = count + 1
            return true
        }
        guard isAdmitted else { return false }
        channel.closeFuture.whenComplete { [self] _ in release(key) }
        return true
    }

    private func release(_ key: Key) {
        counts.withLock { counts in
            guard let count = counts[key] else { return }
            counts[key] = count > 1 ? count - 1 : nil
        }
    }
}
