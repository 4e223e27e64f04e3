import CCurl

/// One easy handle, one owner.
final class EasyHandle {
    let pointer: UnsafeMutableRawPointer

    init?() {
        guard let pointer = curl_easy_init() else { return nil }
        self.pointer = pointer
    }

    deinit { curl_easy_cleanup(pointer) }
}

/// Header lines of one request.
final class HeaderList {
    private(set) var first: UnsafeMutablePointer<curl_slist>?

    /// `nil` when there is no memory.
    init?(of request: FetchRequest) {
        for field in request.headers {
            // "Name:" takes a header out and "Name;" sends an empty one (CURLOPT_HTTPHEADER(3)).
            guard append(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)") else { return nil }
        }
        // No waiting for "100 Continue".
        if request.method == .post, !append("Expect:") { return nil }
    }

    private func append(_ line: String) -> Bool {
        guard let list = curl_slist_append(first, line) else { return false }
        first = list
        return true
    }

    deinit { curl_slist_free_all(first) }
}
