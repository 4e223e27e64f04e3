extension Fetcher {
    /// Fetches one public document and reads it.
    /// - Parameter unavailable: the refusal where there is no document to read.
    func document<Value: Sendable>(
        url: String, maximumBytes: Int, unavailable: ProviderRefusal,
        parse: ([UInt8]) -> Result<Value, ProviderRefusal>
    ) async -> Result<(value: Value, freshness: Int64), ProviderRefusal> {
        let request = OutgoingRequest(
            method: .get, url: url, headers: [HeaderField(name: "Accept", value: "application/json")],
            maximumBodyBytes: maximumBytes)
        guard let response = try? await send(request), response.status == 200 else { return .failure(unavailable) }
        return parse(response.body).map { ($0, CacheLifetime.milliseconds(of: response)) }
    }
}
