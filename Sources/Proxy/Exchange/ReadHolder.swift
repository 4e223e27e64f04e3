import NIOCore

/// A handler that can hold back the reads of its channel; its own `read` asks `reads`.
///
/// The gate does not read by itself: the read comes back to the handler, and asks the gate again.
protocol ReadHolder: AnyObject {
    var reads: ReadGate { get set }
    var context: ChannelHandlerContext? { get }
}

extension ReadHolder {
    var holdsReads: Bool { reads.isHeld }

    func holdReads() { reads.hold() }

    func releaseReads() {
        reads.release()
        readIfWanted()
    }

    func readIfWanted() {
        if reads.takeWanted() { context?.read() }
    }
}
