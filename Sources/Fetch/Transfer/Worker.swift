import CCurl

/// The loop of the one thread that drives all transfers.
struct Worker {
    /// Longest wait for something to happen. Orders wake the loop; this is for a system that has no descriptors
    /// left to make libcurl's wake-up from.
    static let pollMilliseconds: Int32 = 1000

    private let mailbox: Mailbox
    private let certificateAuthorityFile: String?
    private let limits: FetchLimits
    private var transfers: [UInt64: Transfer] = [:]
    private var transfersByOrigin: [String: Int] = [:]

    init(mailbox: Mailbox, certificateAuthorityFile: String?, limits: FetchLimits) {
        self.mailbox = mailbox
        self.certificateAuthorityFile = certificateAuthorityFile
        self.limits = limits
    }

    /// Returns after an order to stop, when every transfer has its answer and every connection is closed.
    mutating func run() {
        gateway_curl_multi_set_long(mailbox.multi, CURLMOPT_MAXCONNECTS, limits.maximumIdleConnections)
        var stopped: [@Sendable () -> Void] = []
        while stopped.isEmpty {
            for order in mailbox.take() {
                switch order {
                case .start(let job): start(Transfer(job))
                case .cancel(let id): end(id) { $0.fail(.cancelled) }
                case .stop(let completion): stopped.append(completion)
                }
            }
            if stopped.isEmpty { drive() }
        }
        endAll(.shutDown)
        for order in mailbox.close() {
            switch order {
            case .start(let job): job.complete(.failure(.shutDown))
            case .cancel: break
            case .stop(let completion): stopped.append(completion)
            }
        }
        for completion in stopped { completion() }
    }

    /// Lets libcurl work, collects what is done, then waits for a socket, a timer or an order.
    private mutating func drive() {
        var active: Int32 = 0
        var code = curl_multi_perform(mailbox.multi, &active)
        finishCompleted()
        if code == CURLM_OK { code = curl_multi_poll(mailbox.multi, nil, 0, Self.pollMilliseconds, nil) }
        // No memory, or no poll(2) with that many descriptors: letting go of them is what can help, and going on
        // would be a loop without a wait.
        if code != CURLM_OK { endAll(.other(Int(CURLE_OUT_OF_MEMORY.rawValue))) }
    }

    private mutating func start(_ transfer: Transfer) {
        guard transfers.count < limits.maximumTransfers,
            transfersByOrigin[transfer.origin, default: 0] < limits.maximumTransfersPerOrigin
        else { return transfer.fail(.tooManyInFlight) }
        guard let handle = transfer.prepare(certificateAuthorityFile: certificateAuthorityFile, limits: limits),
            curl_multi_add_handle(mailbox.multi, handle) == CURLM_OK
        else { return transfer.fail(.failedToStart) }
        transfers[transfer.id] = transfer
        transfersByOrigin[transfer.origin, default: 0] += 1
    }

    private mutating func finishCompleted() {
        var remaining: Int32 = 0
        while let message = curl_multi_info_read(mailbox.multi, &remaining) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            let code = gateway_curl_message_result(message)
            var context: UnsafeMutableRawPointer?
            gateway_curl_get_private(easy, &context)
            guard let transfer = Transfer.from(context) else { continue }
            end(transfer.id) { $0.finish(code) }
        }
    }

    private mutating func endAll(_ error: FetchError) {
        for id in Array(transfers.keys) { end(id) { $0.fail(error) } }
    }

    /// The only way out of `transfers`, so that nothing is answered twice.
    private mutating func end(_ id: UInt64, _ body: (Transfer) -> Void) {
        guard let transfer = transfers.removeValue(forKey: id) else { return }
        let others = transfersByOrigin[transfer.origin, default: 1] - 1
        transfersByOrigin[transfer.origin] = others > 0 ? others : nil
        if let handle = transfer.handle { curl_multi_remove_handle(mailbox.multi, handle) }
        body(transfer)
    }
}
