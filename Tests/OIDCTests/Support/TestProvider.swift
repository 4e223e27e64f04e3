import Foundation
import Synchronization

@testable import OIDC

/// An OpenID provider in memory. It answers from what the test puts into it, and keeps every request.
final class TestProvider: Fetcher, Sendable {
    typealias Responder = @Sendable (OutgoingRequest) async throws -> IncomingResponse

    let issuer: String
    private let state: Mutex<State>

    private struct State {
        var responders: [String: Responder] = [:]
        var requests: [OutgoingRequest] = []
    }

    enum Failure: Error { case noAnswer }

    init(issuer: String = "https://op.example", keys: [JSONValue] = []) {
        self.issuer = issuer
        state = Mutex(State())
        serve(metadata: metadata())
        serve(keys: keys)
    }

    var metadataURL: String { issuer + "/.well-known/openid-configuration" }
    var keySetURL: String { issuer + "/jwks" }
    var tokenURL: String { issuer + "/token" }
    var userinfoURL: String { issuer + "/userinfo" }

    func metadata(_ changes: [String: JSONValue] = [:], without names: [String] = []) -> JSONValue {
        let members: [String: JSONValue] = [
            "issuer": .string(issuer), "authorization_endpoint": .string(issuer + "/authorize"),
            "token_endpoint": .string(tokenURL), "jwks_uri": .string(keySetURL),
            "userinfo_endpoint": .string(userinfoURL), "response_types_supported": ["code", "id_token"],
            "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256"],
        ]
        return .object(members.merging(changes) { $1 }.filter { !names.contains($0.key) })
    }

    func serve(metadata: JSONValue, cacheControl: String? = nil) {
        respond(to: metadataURL, json: metadata.text, cacheControl: cacheControl)
    }

    func serve(keys: [JSONValue], cacheControl: String? = nil) {
        respond(to: keySetURL, json: JSONValue.object(["keys": .array(keys)]).text, cacheControl: cacheControl)
    }

    func respond(
        to url: String, status: Int = 200, contentType: String = "application/json", json: String,
        cacheControl: String? = nil
    ) {
        var headers = [HeaderField(name: "Content-Type", value: contentType)]
        if let cacheControl { headers.append(HeaderField(name: "Cache-Control", value: cacheControl)) }
        let response = IncomingResponse(status: status, headers: headers, body: Array(json.utf8))
        respond(to: url) { _ in response }
    }

    func respond(to url: String, _ responder: @escaping Responder) {
        state.withLock { $0.responders[url] = responder }
    }

    func responder(to url: String) -> Responder? {
        state.withLock { $0.responders[url] }
    }

    /// From now on the address gives no answer.
    func fail(_ url: String) {
        respond(to: url) { _ in throw Failure.noAnswer }
    }

    /// From now on the address answers only after the gate has been opened.
    func hold(_ url: String, at gate: Gate) {
        let responder = responder(to: url)
        respond(to: url) { request in
            await gate.pass()
            guard let responder else { throw Failure.noAnswer }
            return try await responder(request)
        }
    }

    var requests: [OutgoingRequest] { state.withLock { $0.requests } }

    func requestCount(_ url: String) -> Int { requests.count { $0.url == url } }

    func send(_ request: OutgoingRequest) async throws -> IncomingResponse {
        let responder = state.withLock { state in
            state.requests.append(request)
            return state.responders[request.url]
        }
        guard let responder else { throw Failure.noAnswer }
        return try await responder(request)
    }
}
