import Proxy
import SignOn
import Web

/// Answers with `Web` what the data plane does not forward.
struct WebResponder: LocalResponder {
    let application: WebApplication

    func respond(to request: LocalRequest) async -> LocalResponse {
        let response = await application.respond(
            to: WebRequest(
                method: request.method, host: request.host, origin: request.origin, path: request.path, query: request.query,
                headers: request.headers.map { ($0.name, $0.value) }, body: request.body, clientAddress: request.peerAddress,
                requestID: request.requestID, purpose: Self.purpose(request.purpose)))
        return LocalResponse(status: response.status, headers: response.headers, body: response.body)
    }

    private static func purpose(_ purpose: LocalRequest.Purpose) -> WebRequest.Purpose {
        switch purpose {
        case .own: .own
        case .signInNeeded(let isPageLoad): .signInNeeded(isPageLoad: isPageLoad)
        case .forbidden: .forbidden
        case .stepUpNeeded(let isPageLoad, let demand):
            .stepUpNeeded(isPageLoad: isPageLoad, SignInDemand(maximumAge: demand.maximumAge, contexts: demand.contexts))
        case .unknownHost: .unknownHost
        case .noSuchOrganization: .noSuchOrganization
        case .badGateway: .badGateway
        case .gatewayTimeout: .gatewayTimeout
        case .unavailable: .unavailable
        }
    }
}
