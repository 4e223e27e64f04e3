import Synchronization
import Tenancy

/// Token buckets per key, in bounded memory.
///
/// Costs about 100 bytes a key. When the table is full, full buckets are dropped first; if all are
/// in use, a new key is refused: a flood from many addresses must not push out the ones being limited.
final class RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var at: Int64
    }

    static let maximumKeys = 50_000

    private let buckets = Mutex<[String: Bucket]>([:])

    /// Takes one token of `key`'s bucket, which holds `perMinute` and refills evenly.
    func admits(_ key: String, perMinute: Int, now: Instant) -> Bool {
        let capacity = Double(max(1, perMinute))
        return buckets.withLock { table in
            if table.count >= Self.maximumKeys, table[key] == nil {
                table = table.filter { Self.refilled($0.value, capacity: capacity, now: now) < capacity }
                guard table.count < Self.maximumKeys else { return false }
            }
            var bucket = table[key] ?? Bucket(tokens: capacity, at: now.milliseconds)
            bucket.tokens = Self.refilled(bucket, capacity: capacity, now: now)
            bucket.at = now.milliseconds
            let admitted = bucket.tokens >= 1
            if admitted { bucket.tokens -= 1 }
            table[key] = bucket
            return admitted
        }
    }

    private static func refilled(_ bucket: Bucket, capacity: Double, now: Instant) -> Double {
        let elapsed = Double(max(0, now.milliseconds.subtractingReportingOverflow(bucket.at).partialValue))
        return min(capacity, bucket.tokens + elapsed / 60_000 * capacity)
    }
}
