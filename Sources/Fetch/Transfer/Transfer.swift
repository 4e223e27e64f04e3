import CCurl
import Glibc

/// One request under way. Lives on the worker's thread from `prepare` to `finish`; libcurl's callbacks see
/// it through the easy handle, which never outlives it.
final class Transfer {
    private let job: Job
    private var easy: EasyHandle?
    private var headerList: HeaderList?
    private var head = ResponseHead()
    private var body: [UInt8] = []
    /// Why a callback of ours ended the transfer.
    private var failure: FetchError?
    private var permittedAddresses = 0
    private var refusedAddresses = 0

    init(_ job: Job) { self.job = job }

    var id: UInt64 { job.id }
    var origin: String { job.url.origin }
    var handle: UnsafeMutableRawPointer? { easy?.pointer }

    /// Makes the easy handle; `nil` when libcurl has no memory or refuses an option.
    func prepare(certificateAuthorityFile: String?, limits: FetchLimits) -> UnsafeMutableRawPointer? {
        guard let easy = EasyHandle(), let headerList = HeaderList(of: job.request) else { return nil }
        self.easy = easy
        self.headerList = headerList
        var options = TransferOptions(handle: easy.pointer)
        options.setSafety(isPlain: job.url.isPlain, certificateAuthorityFile: certificateAuthorityFile)
        options.setLimits(limits, deadline: job.request.deadline)
        options.setRequest(job.request, headers: headerList)
        options.setCallbacks(context: Unmanaged.passUnretained(self).toOpaque())
        return options.areAccepted ? easy.pointer : nil
    }

    /// Called once, after the handle has left the multi.
    func finish(_ code: CURLcode) {
        let result = result(code)
        easy = nil
        headerList = nil
        job.complete(result)
    }

    /// Ends it for a reason of ours. Called once, instead of `finish`.
    func fail(_ error: FetchError) {
        failure = error
        finish(CURLE_ABORTED_BY_CALLBACK)
    }

    private func result(_ code: CURLcode) -> Result<FetchResponse, FetchError> {
        if let failure { return .failure(failure) }
        guard code == CURLE_OK else {
            // Of several addresses some may have been allowed, and were down.
            let isRefused = code == CURLE_COULDNT_CONNECT && refusedAddresses > 0 && permittedAddresses == 0
            return .failure(isRefused ? .refusedAddress : FetchError(code))
        }
        guard let status = head.status else { return .failure(.malformedResponse) }
        return .success(FetchResponse(status: status, headers: head.fields, body: body))
    }
}

/// What libcurl calls, on the worker's thread.
extension Transfer {
    static func from(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    /// - Returns: the bytes taken; fewer end the transfer.
    func receiveBody(_ data: UnsafeMutablePointer<CChar>?, bytes: Int) -> Int {
        guard let data, bytes <= job.request.maximumBodyBytes - body.count else {
            failure = .bodyTooLarge
            return 0
        }
        body.append(contentsOf: UnsafeRawBufferPointer(start: data, count: bytes))
        return bytes
    }

    /// - Returns: the bytes taken; fewer end the transfer.
    func receiveHeaderLine(_ data: UnsafeMutablePointer<CChar>?, bytes: Int) -> Int {
        guard let data else { return 0 }
        do throws(ResponseHead.Refusal) {
            try head.receive(UnsafeRawBufferPointer(start: data, count: bytes))
            return bytes
        } catch {
            switch error {
            case .tooLarge: failure = .headersTooLarge
            case .malformed: failure = .malformedResponse
            }
            return 0
        }
    }

    /// Called with the address that is about to be connected to, whatever the name's answer was before.
    /// - Returns: -1 to refuse it; libcurl then tries the name's next one.
    func openSocket(_ address: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
        let family = address.pointee.family
        guard let generic = gateway_curl_address(address), let bytes = SocketAddress.bytes(of: generic, family: family),
            permits(bytes)
        else {
            refusedAddresses += 1
            return -1
        }
        permittedAddresses += 1
        return socket(family, address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), address.pointee.protocol)
    }

    /// Called when the connection stands, before the request goes out. A reused connection had no socket to
    /// open: this is where it meets the networks that are allowed now.
    func permitsRequest(to remote: UnsafePointer<CChar>) -> Bool {
        guard let bytes = SocketAddress.bytes(ofText: remote), permits(bytes) else {
            failure = .refusedAddress
            return false
        }
        return true
    }

    private func permits(_ address: [UInt8]) -> Bool {
        job.policy.permits(address) && (!job.url.isPlain || AddressPolicy.isLoopback(address))
    }
}
