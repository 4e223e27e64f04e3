import UnixSignals

/// Runs until SIGTERM or SIGINT; SIGHUP calls `reload` in between.
enum SignalLoop {
    static func wait(_ signals: UnixSignalsSequence, reload: () async -> Void) async {
        for await signal in signals {
            if signal == .sighup {
                await reload()
            } else {
                return
            }
        }
    }
}
