import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// Addresses of upstreams that have a name, for all loops. A name is looked up again once its answer is
/// `interval` old, however long its records say that they live; meanwhile, and while nobody answers, the
/// last addresses are used. A lookup blocks a thread of its own, never a loop, and each name has at most
/// one under way, so that a name server that hangs holds up nobody else.
final class NameResolver: Sendable {
    static let threads = 8
    /// Addresses of one name that are used.
    static let maximumAddresses = 16
    /// After a failure without an earlier answer.
    static let retryInterval: TimeAmount = .seconds(1)

    struct NotFound: Error {}
    typealias Lookup = @Sendable (_ host: String) -> [SocketAddress]

    private struct Entry {
        /// With port 0.
        var addresses: [SocketAddress] = []
        var nextLookup = NIODeadline.uptimeNanoseconds(0)
        var isUnderWay = false
        var waiting: [EventLoopPromise<[SocketAddress]>] = []
    }

    private let interval: TimeAmount
    private let lookup: Lookup
    private let pool: NIOThreadPool
    /// Held for moments, and only when a connection is opened.
    private let entries = Mutex<[String: Entry]>([:])

    init(interval: Duration, lookup: @escaping Lookup = NameResolver.systemLookup) {
        self.interval = .milliseconds(interval.milliseconds)
        self.lookup = lookup
        pool = NIOThreadPool(numberOfThreads: Self.threads)
    }

    func start() { pool.start() }

    /// Every address of a name, with port 0. Fails with `NotFound`.
    func addresses(of host: String, on eventLoop: any EventLoop) -> EventLoopFuture<[SocketAddress]> {
        let promise = eventLoop.makePromise(of: [SocketAddress].self)
        let (known, asks) = entries.withLock { entries in
            var entry = entries[host] ?? Entry()
            let asks = !entry.isUnderWay && entry.nextLookup <= .now()
            if asks { entry.isUnderWay = true }
            let known = entry.addresses
            let isRefused = known.isEmpty && !entry.isUnderWay
            if known.isEmpty, !isRefused { entry.waiting.append(promise) }
            entries[host] = entry
            return (isRefused || !known.isEmpty ? known : nil, asks)
        }
        if asks { ask(host) }
        if let known { known.isEmpty ? promise.fail(NotFound()) : promise.succeed(known) }
        return promise.futureResult
    }

    private func ask(_ host: String) {
        pool.submit { [self] state in
            let found = state == .active ? lookup(host) : []
            let (waiting, addresses) = entries.withLock { entries in
                var entry = entries[host] ?? Entry()
                entry.isUnderWay = false
                if !found.isEmpty { entry.addresses = found }
                entry.nextLookup = .now() + (entry.addresses.isEmpty ? Self.retryInterval : interval)
                let waiting = entry.waiting
                entry.waiting = []
                entries[host] = entry
                return (waiting, entry.addresses)
            }
            for promise in waiting { addresses.isEmpty ? promise.fail(NotFound()) : promise.succeed(addresses) }
        }
    }

    /// Forgets names that no route has any more.
    func retain(_ hosts: Set<String>) {
        entries.withLock { entries in
            for (host, entry) in entries where !hosts.contains(host) && !entry.isUnderWay { entries[host] = nil }
        }
    }

    func shutDown() { pool.shutdownGracefully { _ in } }

    /// `getaddrinfo`, in the order of RFC 6724, each address once.
    static func systemLookup(_ host: String) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var item = list
        while let info = item?.pointee, addresses.count < maximumAddresses {
            item = info.ai_next
            guard let pointer = info.ai_addr else { continue }
            let raw = UnsafeRawPointer(pointer)
            let address: SocketAddress
            if info.ai_family == AF_INET, Int(info.ai_addrlen) >= MemoryLayout<sockaddr_in>.size {
                address = SocketAddress(raw.loadUnaligned(as: sockaddr_in.self))
            } else if info.ai_family == AF_INET6, Int(info.ai_addrlen) >= MemoryLayout<sockaddr_in6>.size {
                address = SocketAddress(raw.loadUnaligned(as: sockaddr_in6.self))
            } else {
                continue
            }
            if !addresses.contains(address) { addresses.append(address) }
        }
        return addresses
    }
}
