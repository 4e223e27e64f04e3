import Glibc
import Proxy

/// Sockets that systemd has opened for this process (sd_listen_fds(3)).
enum SystemdSockets {
    /// SD_LISTEN_FDS_START
    static let firstDescriptor: Int32 = 3
    /// More than any unit has.
    static let maximumSockets: Int32 = 1_024

    /// Each by its `FileDescriptorName=` and by its number. The variables are removed, so that nobody takes the
    /// descriptors a second time. Empty where they are meant for another process.
    static func take() -> [InheritedSocket] {
        defer { for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { unsetenv(name) } }
        guard value("LISTEN_PID").flatMap({ Int32($0) }) == getpid(), let count = value("LISTEN_FDS").flatMap({ Int32($0) }),
            (1...maximumSockets).contains(count)
        else { return [] }
        let names = (value("LISTEN_FDNAMES") ?? "").split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        return (0..<count).map { index in
            let name = Int(index) < names.count ? names[Int(index)] : ""
            return InheritedSocket(names: ["systemd:\(name)", "systemd:\(index)"], descriptor: firstDescriptor + index)
        }
    }

    private static func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
