import CCurl

/// Options of one easy handle. Anything that libcurl does not take is remembered: a request without one of
/// its options is not sent.
struct TransferOptions {
    let handle: UnsafeMutableRawPointer
    private(set) var areAccepted = true

    init(handle: UnsafeMutableRawPointer) { self.handle = handle }

    mutating func setSafety(isPlain: Bool, certificateAuthorityFile: String?) {
        let scheme = isPlain ? "http" : "https"
        set(CURLOPT_PROTOCOLS_STR, scheme)
        set(CURLOPT_REDIR_PROTOCOLS_STR, scheme)
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
        // An empty proxy and "*" beat every proxy variable of the environment.
        set(CURLOPT_PROXY, "")
        set(CURLOPT_NOPROXY, "*")
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let certificateAuthorityFile {
            set(CURLOPT_CAINFO, certificateAuthorityFile)
            // Debian's libcurl looks in /etc/ssl/certs too: then the file would add to the system's authorities.
            accept(gateway_curl_set_string(handle, CURLOPT_CAPATH, nil))
        }
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        set(CURLOPT_HTTP09_ALLOWED, 0)
        set(CURLOPT_NOSIGNAL, 1)
        // Without it a timed-out name lookup is joined and stalls every other transfer (7.88.1).
        set(CURLOPT_QUICK_EXIT, 1)
    }

    mutating func setLimits(_ limits: FetchLimits, deadline: Duration) {
        set(CURLOPT_CONNECTTIMEOUT_MS, limits.connectTimeout.clampedMilliseconds)
        set(CURLOPT_TIMEOUT_MS, deadline.clampedMilliseconds)
        set(CURLOPT_LOW_SPEED_LIMIT, limits.lowSpeedBytesPerSecond)
        set(CURLOPT_LOW_SPEED_TIME, limits.lowSpeedSeconds)
    }

    /// `headers` must live as long as the handle: libcurl keeps the pointer.
    mutating func setRequest(_ request: FetchRequest, headers: HeaderList) {
        set(CURLOPT_URL, request.url)
        set(CURLOPT_USERAGENT, "gateway")
        if let first = headers.first { accept(gateway_curl_set_list(handle, CURLOPT_HTTPHEADER, first)) }
        guard request.method == .post else { return }
        set(CURLOPT_POST, 1)
        accept(gateway_curl_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, request.body.count))
        request.body.withUnsafeBytes { bytes in
            // Copied by libcurl; an empty body is copied from an empty string.
            if let start = bytes.baseAddress {
                accept(gateway_curl_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: start)))
            } else {
                accept(gateway_curl_set_string(handle, CURLOPT_COPYPOSTFIELDS, ""))
            }
        }
    }

    /// `context`: the transfer, unretained; it owns the handle.
    mutating func setCallbacks(context: UnsafeMutableRawPointer) {
        for option in [CURLOPT_PRIVATE, CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_OPENSOCKETDATA, CURLOPT_PREREQDATA] {
            accept(gateway_curl_set_pointer(handle, option, context))
        }
        // The size of one element is always 1 (CURLOPT_WRITEFUNCTION(3)).
        accept(
            gateway_curl_set_data_callback(handle, CURLOPT_WRITEFUNCTION) { data, _, count, context in
                Transfer.from(context)?.receiveBody(data, bytes: count) ?? 0
            })
        accept(
            gateway_curl_set_data_callback(handle, CURLOPT_HEADERFUNCTION) { data, _, count, context in
                Transfer.from(context)?.receiveHeaderLine(data, bytes: count) ?? 0
            })
        accept(
            gateway_curl_set_open_socket(handle) { context, purpose, address in
                guard let transfer = Transfer.from(context), let address, purpose == CURLSOCKTYPE_IPCXN else { return -1 }
                return transfer.openSocket(address)
            })
        accept(
            gateway_curl_set_prereq(handle) { context, remote, _, _, _ in
                guard let transfer = Transfer.from(context), let remote, transfer.permitsRequest(to: remote) else {
                    return CURL_PREREQFUNC_ABORT
                }
                return CURL_PREREQFUNC_OK
            })
    }

    private mutating func set(_ option: CURLoption, _ value: Int) { accept(gateway_curl_set_long(handle, option, value)) }

    private mutating func set(_ option: CURLoption, _ value: String) { accept(gateway_curl_set_string(handle, option, value)) }

    private mutating func accept(_ code: CURLcode) { areAccepted = areAccepted && code == CURLE_OK }
}

extension Duration {
    /// At least 1 and at most an hour: 0 would mean no limit to libcurl.
    var clampedMilliseconds: Int {
        let (seconds, attoseconds) = components
        guard seconds < 3600 else { return 3_600_000 }
        guard seconds >= 0 else { return 1 }
        return max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    }
}
