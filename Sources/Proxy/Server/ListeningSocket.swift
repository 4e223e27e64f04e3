import Glibc
import NIOCore

/// A listening socket that another process has opened: systemd, or the gateway that this one replaces.
public struct InheritedSocket: Sendable {
    /// What it may be asked for by: a name of systemd, or a `ListenAddress`'s description.
    public let names: [String]
    /// Taken over: closed when nobody listens on it any more.
    public let descriptor: Int32

    public init(names: [String], descriptor: Int32) {
        self.names = names
        self.descriptor = descriptor
    }
}

/// Why an address can't be listened on.
public enum ListenError: Error, Equatable {
    case system(ListenAddress, errno: Int32)
    /// Nobody has handed over a socket of this name.
    case notInherited(ListenAddress)
    /// What was handed over is no listening stream socket.
    case notListening(ListenAddress)
    /// Plain HTTP where others than this machine can reach it, and no proxy is trusted.
    case plainOffLoopback(ListenAddress)
}

/// A socket that is bound and listens. Bound here and not by NIO, which would remove a unix socket's path when
/// it closes, also when another process listens on by then.
final class ListeningSocket: Sendable {
    static let backlog: Int32 = 1_024

    let address: ListenAddress
    let descriptor: Int32
    let family: Int32

    private init(_ address: ListenAddress, _ descriptor: Int32, family: Int32) {
        self.address = address
        self.descriptor = descriptor
        self.family = family
    }

    deinit { close(descriptor) }

    var isNetwork: Bool { family != AF_UNIX }

    /// The inherited one of that name; otherwise a new one.
    static func open(_ address: ListenAddress, inherited: [InheritedSocket], unixMode: UInt32) throws(ListenError) -> ListeningSocket {
        if let found = inherited.first(where: { $0.names.contains(address.description) }) { return try adopt(found, address) }
        return switch address {
        case .tcp(let host, let port): try bindNetwork(address, host, port)
        case .unix(let path): try bindUnix(address, path, unixMode)
        case .inherited: throw .notInherited(address)
        }
    }

    /// A descriptor of its own for whoever else is to listen on it.
    func duplicate() throws(ListenError) -> Int32 {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw .system(address, errno: errno) }
        return copy
    }

    /// Takes the path of a unix socket away, once nobody listens on it any more.
    func removePath() {
        if case .unix(let path) = address { unlink(path) }
    }

    // MARK: Inherited ones

    private static func adopt(_ inherited: InheritedSocket, _ address: ListenAddress) throws(ListenError) -> ListeningSocket {
        var accepts: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        var type: Int32 = 0
        guard getsockopt(inherited.descriptor, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &length) == 0, accepts != 0,
            getsockopt(inherited.descriptor, SOL_SOCKET, SO_TYPE, &type, &length) == 0, type == Int32(SOCK_STREAM.rawValue),
            let family = family(of: inherited.descriptor)
        else { throw .notListening(address) }
        _ = fcntl(inherited.descriptor, F_SETFD, FD_CLOEXEC)
        return ListeningSocket(address, inherited.descriptor, family: family)
    }

    private static func family(of descriptor: Int32) -> Int32? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return result == 0 ? Int32(storage.ss_family) : nil
    }

    // MARK: New ones

    private static func bindNetwork(_ address: ListenAddress, _ host: String, _ port: Int) throws(ListenError) -> ListeningSocket {
        guard let target = try? SocketAddress(ipAddress: host, port: port) else { throw .system(address, errno: EADDRNOTAVAIL) }
        let family = Int32(target.protocol.rawValue)
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .system(address, errno: errno) }
        let listener = ListeningSocket(address, descriptor, family: family)
        set(descriptor, SOL_SOCKET, SO_REUSEADDR)
        // One address is one address: `0.0.0.0` and `[::]` can stand side by side.
        if family == AF_INET6 { set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY) }
        let bound = target.withSockAddr { pointer, size in bind(descriptor, pointer, socklen_t(size)) }
        guard bound == 0, listen(descriptor, backlog) == 0 else { throw .system(address, errno: errno) }
        return listener
    }

    private static func bindUnix(_ address: ListenAddress, _ path: String, _ mode: UInt32) throws(ListenError) -> ListeningSocket {
        guard let target = try? SocketAddress(unixDomainSocketPath: path) else { throw .system(address, errno: ENAMETOOLONG) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .system(address, errno: errno) }
        let listener = ListeningSocket(address, descriptor, family: AF_UNIX)
        try removeStale(address, path, target)
        let bound = target.withSockAddr { pointer, size in bind(descriptor, pointer, socklen_t(size)) }
        // Nobody can connect before `listen`, so nobody meets other permissions.
        guard bound == 0, chmod(path, mode_t(mode)) == 0, listen(descriptor, backlog) == 0 else { throw .system(address, errno: errno) }
        return listener
    }

    /// Removes what a process that is gone has left; not what somebody listens on, and no file.
    private static func removeStale(_ address: ListenAddress, _ path: String, _ target: SocketAddress) throws(ListenError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .system(address, errno: EADDRINUSE) }
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(probe) }
        let result = target.withSockAddr { pointer, size in connect(probe, pointer, socklen_t(size)) }
        guard result != 0, errno == ECONNREFUSED else { throw .system(address, errno: EADDRINUSE) }
        unlink(path)
    }

    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32) {
        var one: Int32 = 1
        setsockopt(descriptor, level, option, &one, socklen_t(MemoryLayout<Int32>.size))
    }
}
