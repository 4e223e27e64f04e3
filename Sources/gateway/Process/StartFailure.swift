import Glibc
import Proxy

/// Why the gateway does not start or reload: one sentence that says what to do.
struct StartFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    static func listening(_ error: ListenError) -> StartFailure {
        switch error {
        case .system(let address, let code): listening(on: address.description, errno: code)
        case .notInherited(let address):
            StartFailure("\(address) was not handed over. Start the gateway by its systemd socket unit, or change `listen`.")
        case .notListening(let address): StartFailure("\(address) is no listening stream socket. Change its systemd socket unit.")
        case .plainOffLoopback(let address):
            StartFailure(
                "\(address) is plain HTTP off loopback. Add [tls], or list in trusted_proxies the proxy that ends TLS in front of it.")
        }
    }

    static func listening(on addresses: String, errno code: Int32) -> StartFailure {
        switch code {
        case EADDRINUSE:
            StartFailure("\(addresses) is taken by another program. Stop that program, or change `listen`.")
        case EACCES:
            StartFailure(
                "\(addresses) may not be listened on by this user: ports below 1024 need root or CAP_NET_BIND_SERVICE. "
                    + "Take a port from 1024 on, or grant the capability.")
        case EADDRNOTAVAIL: StartFailure("\(addresses) is not an address of this machine. Change `listen`.")
        default: StartFailure("\(addresses) can't be listened on: \(String(cString: strerror(code))).")
        }
    }
}
