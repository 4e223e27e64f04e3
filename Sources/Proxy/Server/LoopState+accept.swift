import NIOCore
import NIOHTTP2
import NIOPosix
import NIOSSL

/// New connections: from the socket to the handler of a protocol.
extension LoopState {
    /// Puts the first handlers into an accepted connection. Throws where it is to be closed at once.
    func accept(_ channel: any Channel, usesTLS: Bool) throws {
        guard admitConnection(channel) else { throw ChannelError.ioOnClosedChannel }
        let peer = Peer(
            remote: channel.remoteAddress, local: channel.localAddress, scheme: usesTLS ? .https : .http, trusted: settings.trustedProxies)
        if let address = peer.address, settings.proxyProtocolPeers.contains(where: { $0.contains(address) }) {
            let newcomer = add(Newcomer(channel, loop: self))
            try channel.pipeline.syncOperations.addHandler(
                ProxyHeaderHandler(loop: self, peer: peer, newcomer: newcomer, usesTLS: usesTLS))
            return
        }
        try count(peer, channel)
        if usesTLS {
            try serveTLS(channel, peer, add(Newcomer(channel, loop: self)))
        } else {
            try serveHTTP1(channel, peer)
        }
    }

    /// One more connection of the client, as far as it is known by now. Throws beyond its limit.
    func count(_ peer: Peer, _ channel: any Channel) throws {
        guard peers.admit(peer, channel, maximum: settings.limits.maximumConnectionsPerPeer) else { throw ChannelError.ioOnClosedChannel }
    }

    /// Handlers are added at the end of the pipeline.
    func serveTLS(_ channel: any Channel, _ peer: Peer, _ newcomer: Newcomer) throws {
        guard let tls else { throw ChannelError.inappropriateOperationForState }
        let handler = NIOSSLServerHandler(context: tls.context)
        // The last first: the handshake may begin while its handler is being added.
        let chooser = ProtocolChooser(loop: self, peer: peer, newcomer: newcomer)
        try channel.pipeline.syncOperations.addHandler(chooser)
        try channel.pipeline.syncOperations.addHandler(handler, position: .before(chooser))
    }

    func serveHTTP1(_ channel: any Channel, _ peer: Peer) throws {
        let exchange = Exchange(loop: self, peer: peer)
        try channel.pipeline.syncOperations.addHandler(HTTP1Connection(exchange: exchange))
        add(exchange)
    }

    func serveHTTP2(_ channel: any Channel, _ peer: Peer) throws {
        let connection = HTTP2Connection(channel, loop: self, peer: peer)
        for handler in connection.handlers { try channel.pipeline.syncOperations.addHandler(handler) }
        add(connection)
    }
}
