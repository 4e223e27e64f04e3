import Fetch
import OIDC

/// Gives OIDC its way to identity providers.
struct FetchAdapter: Fetcher {
    let client: FetchClient

    func send(_ request: OutgoingRequest) async throws -> IncomingResponse {
        let response = try await client.send(
            FetchRequest(
                url: request.url, method: request.method == .post ? .post : .get,
                headers: request.headers.map { Fetch.HeaderField($0.name, $0.value) }, body: request.body,
                maximumBodyBytes: request.maximumBodyBytes, deadline: request.deadline))
        return IncomingResponse(
            status: response.status, headers: response.headers.map { OIDC.HeaderField(name: $0.name, value: $0.value) },
            body: response.body)
    }
}
