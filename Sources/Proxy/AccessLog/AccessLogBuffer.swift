/// Lines of one loop on their way to the writer, handed over at each tick, or sooner when there are many.
/// Confined to its loop.
final class AccessLogBuffer {
    static let handOverBytes = 64 * 1024

    private let writer: AccessLogWriter
    private let clock: @Sendable () -> UnixMilliseconds
    /// Request ids whose low half is below this get a line: ids are random.
    private let threshold: UInt64
    private var bytes: [UInt8] = []
    private var lines = 0

    init(settings: AccessLogSettings, writer: AccessLogWriter, clock: @escaping @Sendable () -> UnixMilliseconds) {
        self.writer = writer
        self.clock = clock
        threshold = settings.fraction >= 1 ? .max : settings.fraction > 0 ? UInt64(settings.fraction * 18_446_744_073_709_549_568) : 0
    }

    /// The record of a request that begins; `nil`: it gets no line.
    func begin(_ id: RequestID) -> AccessRecord? { id.low <= threshold ? AccessRecord(time: clock()) : nil }

    func end(_ record: AccessRecord, _ request: RequestProgress, isComplete: Bool) {
        var line = AccessLine(appendingTo: bytes)
        bytes = []
        line.write(record, request, isComplete: isComplete)
        bytes = line.bytes
        lines += 1
        if bytes.count >= Self.handOverBytes { handOver() }
    }

    func handOver() {
        guard lines > 0 else { return }
        writer.take(bytes, lines: lines)
        bytes = []
        bytes.reserveCapacity(Self.handOverBytes + 1_024)
        lines = 0
    }
}
