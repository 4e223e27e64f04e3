import Glibc
import NIOCore
import NIOPosix
import Proxy
import Synchronization

/// The serving process's side: waits for one that is to take over.
final class HandOverOffer: Sendable {
    private let path: String
    private let listener: Int32
    private let pool = NIOThreadPool(numberOfThreads: 1)
    /// The connection of the process that serves now, and waits for this one to accept no more.
    private let successor: Successor

    /// Another process serves now, on the same sockets.
    let taken: AsyncStream<Void>
    private let announcement: AsyncStream<Void>.Continuation

    /// Throws `StartFailure` where it can't listen at `path`.
    init(path: String, sockets: [InheritedSocket]) throws {
        self.path = path
        (taken, announcement) = AsyncStream.makeStream(of: Void.self)
        successor = Successor()
        listener = try HandOver.socket()
        // Put in place whole: whoever connects meets the one process or the other.
        let fresh = path + ".new"
        unlink(fresh)
        let listener = self.listener
        let bound = try HandOver.address(fresh).withSockAddr { pointer, size in bind(listener, pointer, socklen_t(size)) }
        guard bound == 0, chmod(fresh, 0o600) == 0, listen(listener, 4) == 0, rename(fresh, path) == 0 else {
            let reason = String(cString: strerror(errno))
            close(listener)
            throw StartFailure("\(path) can't be listened on: \(reason).")
        }
        pool.start()
        pool.submit { [listener, announcement, successor] _ in Self.serve(listener, sockets, announcement, successor) }
    }

    private final class Successor: Sendable {
        private let descriptor = Mutex<Int32?>(nil)

        func become(_ taker: Int32) { replace(taker) }

        func release() { replace(nil) }

        private func replace(_ next: Int32?) {
            let former = descriptor.withLock { descriptor in
                defer { descriptor = next }
                return descriptor
            }
            if let former { close(former) }
        }

        deinit { release() }
    }

    /// This process accepts no more connections: the other one may.
    func releaseSuccessor() { successor.release() }

    /// One taker after the other, on the pool's thread, until the listener is shut down.
    private static func serve(
        _ listener: Int32, _ sockets: [InheritedSocket], _ announcement: AsyncStream<Void>.Continuation, _ successor: Successor
    ) {
        while true {
            let taker = accept(listener, nil, nil)
            if taker < 0, errno == EINTR || errno == ECONNABORTED { continue }
            guard taker >= 0 else { return }
            guard offer(sockets, to: taker) else {
                close(taker)
                continue
            }
            successor.become(taker)
            announcement.yield()
        }
    }

    private static func offer(_ sockets: [InheritedSocket], to taker: Int32) -> Bool {
        guard HandOver.isOwn(taker) else { return false }
        var patience = timeval(tv_sec: HandOver.confirmationSeconds, tv_usec: 0)
        setsockopt(taker, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let names = sockets.map { $0.names.first ?? "" }.joined(separator: "\n")
        guard DescriptorMessage.send(names, sockets.map(\.descriptor), on: taker) else { return false }
        return DescriptorMessage.receive(on: taker)?.text == HandOver.confirmation
    }

    /// `removesPath`: not where another process has put its own there.
    func withdraw(removesPath: Bool) async {
        if removesPath { unlink(path) }
        // Wakes `accept`.
        shutdown(listener, Int32(SHUT_RDWR))
        announcement.finish()
        try? await pool.shutdownGracefully()
        close(listener)
    }
}
