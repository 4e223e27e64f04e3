import Glibc

enum ProcessSetup {
    /// A peer that goes away must end its connection, not the process; and a gateway wants as many
    /// descriptors as it may have.
    static func prepare() {
        signal(SIGPIPE, SIG_IGN)
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            limit.rlim_cur = limit.rlim_max
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
    }
}
