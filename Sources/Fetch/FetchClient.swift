import CCurl
import Synchronization

/// Sends requests from any number of tasks over one thread of libcurl's multi interface.
public final class FetchClient: Sendable {
    private static let library: CURLcode = gateway_curl_global_init()

    private let mailbox: Mailbox
    private let policy: Mutex<AddressPolicy>
    private let nextID = Atomic<UInt64>(1)

    /// - Parameters:
    ///   - allowedNetworks: private, loopback and other special networks that may be reached all the same.
    ///   - certificateAuthorityFile: path of a PEM bundle to verify with instead of the system's. When it can't be
    ///     read every request over TLS fails.
    /// - Throws: `FetchError.other` when libcurl or its thread can't be started.
    public convenience init(allowedNetworks: [AddressRange], certificateAuthorityFile: String? = nil) throws(FetchError) {
        try self.init(
            allowedNetworks: allowedNetworks, certificateAuthorityFile: certificateAuthorityFile, limits: FetchLimits())
    }

    init(
        allowedNetworks: [AddressRange], certificateAuthorityFile: String? = nil, limits: FetchLimits
    ) throws(FetchError) {
        guard Self.library == CURLE_OK, let mailbox = Mailbox() else { throw .failedToStart }
        self.mailbox = mailbox
        policy = Mutex(AddressPolicy(allowed: allowedNetworks))
        let isRunning = WorkerThread.start {
            var worker = Worker(mailbox: mailbox, certificateAuthorityFile: certificateAuthorityFile, limits: limits)
            worker.run()
        }
        guard isRunning else {
            _ = mailbox.close()
            throw .failedToStart
        }
    }

    deinit { _ = mailbox.post(.stop {}) }

    /// Holds for requests sent from now on, over connections that are already open too.
    public func replaceAllowedNetworks(_ networks: [AddressRange]) {
        policy.withLock { $0.allowed = networks }
    }

    /// The response, whatever its status. Cancelling the task ends the request with `.cancelled`.
    public func send(_ request: FetchRequest) async throws(FetchError) -> FetchResponse {
        guard let url = FetchURL(request.url) else { throw .refusedURL }
        guard request.headers.allSatisfy(\.isSendable) else { throw .refusedHeader }
        let id = nextID.wrappingAdd(1, ordering: .relaxed).oldValue
        let policy = policy.withLock { $0 }
        let result: Result<FetchResponse, FetchError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let job = Job(id: id, request: request, url: url, policy: policy) { continuation.resume(returning: $0) }
                guard mailbox.post(.start(job)) else { return continuation.resume(returning: .failure(.shutDown)) }
                // The handler below has run already, and its order came before ours: say it again.
                if Task.isCancelled { _ = mailbox.post(.cancel(id)) }
            }
        } onCancel: {
            _ = mailbox.post(.cancel(id))
        }
        return try result.get()
    }

    /// Ends what is under way with `.shutDown`, closes the connections and then returns. Later requests get
    /// the same answer.
    public func shutDown() async {
        await withCheckedContinuation { continuation in
            if !mailbox.post(.stop { continuation.resume() }) { continuation.resume() }
        }
    }
}

extension FetchError {
    static let failedToStart = FetchError.other(Int(CURLE_FAILED_INIT.rawValue))
}
