import Glibc
import NIOCore
import Proxy

/// How one gateway process takes the listening sockets over from another, so that no connection is refused
/// meanwhile: over a unix socket beside the store, open to the same user alone. The old process sends the
/// sockets, the new one says when it is ready to serve on them, and only then the old one stops accepting and drains. It
/// closes the connection when it accepts no more, and the new one begins: connections wait in the queue meanwhile. Where
/// the new one fails before it is ready, the old one goes on as if nothing had happened.
enum HandOver {
    static let confirmation = "serving"
    /// How long the old process waits for the new one to serve.
    static let confirmationSeconds = 120
    /// How long the new process waits for the old one to accept no more, which takes milliseconds.
    static let releaseSeconds = 10

    static func path(besideStore storePath: String) -> String { storePath + ".hand-over" }

    static func address(_ path: String) throws -> SocketAddress {
        do { return try SocketAddress(unixDomainSocketPath: path) } catch {
            throw StartFailure("\(path) is too long for a unix socket. Put the store into a folder with a shorter path.")
        }
    }

    static func socket() throws -> Int32 {
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw StartFailure("No unix socket can be made: \(String(cString: strerror(errno))).") }
        return descriptor
    }

    /// Whether the process at the other end runs as this user, or as root (SO_PEERCRED).
    static func isOwn(_ descriptor: Int32) -> Bool {
        // struct ucred: pid, uid, gid.
        var credentials: (pid: Int32, user: UInt32, group: UInt32) = (0, .max, .max)
        var length = socklen_t(MemoryLayout.size(ofValue: credentials))
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 else { return false }
        return credentials.user == geteuid() || credentials.user == 0
    }
}

/// The new process's side.
final class HandOverTaker: Sendable {
    let sockets: [InheritedSocket]
    private let descriptor: Int32

    private init(descriptor: Int32, sockets: [InheritedSocket]) {
        self.descriptor = descriptor
        self.sockets = sockets
    }

    /// Connects to the process that serves and gets its sockets. Throws `StartFailure`.
    static func connect(to path: String) throws -> HandOverTaker {
        let descriptor = try HandOver.socket()
        do {
            return HandOverTaker(descriptor: descriptor, sockets: try sockets(of: path, on: descriptor))
        } catch {
            close(descriptor)
            throw error
        }
    }

    private static func sockets(of path: String, on descriptor: Int32) throws -> [InheritedSocket] {
        let connected = try HandOver.address(path).withSockAddr { pointer, size in Glibc.connect(descriptor, pointer, socklen_t(size)) }
        guard connected == 0, HandOver.isOwn(descriptor) else {
            throw StartFailure("No gateway of this user answers at \(path). Start without --take-over.")
        }
        guard let message = DescriptorMessage.receive(on: descriptor) else {
            throw StartFailure("The gateway at \(path) has handed nothing over.")
        }
        let names = message.text.split(separator: "\n").map(String.init)
        guard names.count == message.descriptors.count else {
            for socket in message.descriptors { close(socket) }
            throw StartFailure("The gateway at \(path) has handed over something else than its sockets.")
        }
        return zip(names, message.descriptors).map { InheritedSocket(names: [$0], descriptor: $1) }
    }

    deinit { close(descriptor) }

    /// Tells the old process that this one is ready, and returns when that one accepts no more connections.
    func confirm() throws {
        guard DescriptorMessage.send(HandOver.confirmation, [], on: descriptor) else {
            throw StartFailure("The gateway that was to be replaced is gone.")
        }
        var patience = timeval(tv_sec: HandOver.releaseSeconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        // It closes, or has ended.
        _ = DescriptorMessage.receive(on: descriptor)
    }
}
