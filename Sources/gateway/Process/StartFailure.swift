import Glibc

/// Why the gateway does not start or reload: one sentence that says what to do.
struct StartFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

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
