import Logging
import SignOn
import Storage
import Tenancy

/// Answers what the data plane does not forward.
public struct WebApplication: Sendable {
    let signOn: SignOnService
    let keys: AssertionKeyRing
    let pages: Pages
    let pace: AnswerPace
    let logger: Logger

    /// - Parameter clock: monotonic; by it answers wait that must not say how long they took.
    /// - Throws: when a template can't be parsed, which is a fault of the build.
    public init(signOn: SignOnService, keys: AssertionKeyRing, logger: Logger, clock: any Clock<Duration>) throws {
        self.signOn = signOn
        self.keys = keys
        self.logger = logger
        pace = AnswerPace(clock: clock)
        pages = try Pages()
    }

    public func respond(to request: WebRequest) async -> WebResponse {
        let exchange = WebExchange(request: request, application: self)
        switch request.purpose {
        case .own: return await exchange.route()
        case .signInNeeded(isPageLoad: true): return exchange.visit(target: exchange.target)
        case .signInNeeded(isPageLoad: false): return exchange.signInRequired()
        case .stepUpNeeded(isPageLoad: true, let demand): return exchange.visit(target: exchange.target, demand: demand)
        case .stepUpNeeded(isPageLoad: false, let demand): return exchange.stepUpRequired(demand)
        case .forbidden: return exchange.problem(.forbidden)
        case .unknownHost, .noSuchOrganization: return exchange.problem(.notFound)
        case .badGateway: return exchange.problem(.badGateway)
        case .gatewayTimeout: return exchange.problem(.gatewayTimeout)
        case .unavailable: return exchange.problem(.unavailable)
        }
    }
}
