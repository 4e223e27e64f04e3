import CCurl
import Synchronization

/// Orders for the worker's thread.
enum Order: Sendable {
    case start(Job)
    case cancel(UInt64)
    /// End everything, then call this.
    case stop(@Sendable () -> Void)
}

/// Where other threads leave orders; wakes the worker through the one call on a multi handle that libcurl
/// allows from any thread (curl_multi_wakeup(3)).
final class Mailbox: Sendable {
    private struct Content {
        var orders: [Order] = []
        var isClosed = false
    }

    private let content = Mutex(Content())
    /// Lives until `close`. Other threads only wake it, under `content`'s lock and never after `isClosed`, so that
    /// a late wake-up can't meet a freed handle; everything else is done on the worker's thread alone.
    nonisolated(unsafe) let multi: UnsafeMutableRawPointer

    init?() {
        guard let multi = curl_multi_init() else { return nil }
        self.multi = multi
    }

    /// `false` once the worker has stopped; the order is dropped then.
    func post(_ order: Order) -> Bool {
        content.withLock { content in
            guard !content.isClosed else { return false }
            content.orders.append(order)
            curl_multi_wakeup(multi)
            return true
        }
    }

    func take() -> [Order] {
        content.withLock { content in
            let orders = content.orders
            content.orders = []
            return orders
        }
    }

    /// Frees the multi handle with the connections that it keeps; every easy handle has left it. Called once.
    /// - Returns: the orders that nobody will carry out.
    func close() -> [Order] {
        let orders = content.withLock { content in
            content.isClosed = true
            let orders = content.orders
            content.orders = []
            return orders
        }
        curl_multi_cleanup(multi)
        return orders
    }
}
