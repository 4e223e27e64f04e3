import Glibc
import Tenancy

enum WallClock {
    /// CLOCK_REALTIME, whole milliseconds.
    static var now: Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
