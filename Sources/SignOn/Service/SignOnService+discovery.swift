import Storage
import Tenancy

extension SignOnService {
    /// An address was typed: one connection starts at once, several are a choice, and none is the same page
    /// with nothing on it. Tells nobody which organizations exist.
    public func discover(
        email text: String, visit: SignInVisit, cookies: BrowserCookies, context: RequestContext
    ) async -> DiscoveryAnswer {
        guard discoveries.admits(context.clientAddress, perMinute: settings.discoveriesPerMinutePerAddress, now: clock()) else {
            return .withoutLooking(await refuse(.rateLimited, step: .discovery, context: context))
        }
        guard let email = EmailAddress(text) else {
            return .withoutLooking(await refuse(.badParameter("email"), step: .discovery, context: context))
        }
        let step = await answering(context, .discovery) {
            let decision = try await store.read { transaction in
                let question = Question.discovery(email)
                return decide(question, in: try transaction.world(for: question))
            }
            guard case .offer(let offers) = decision.outcome else { return .failure(.tenancy(.unknownConnection)) }
            guard offers.count == 1, let only = offers.first else {
                return .success(.choose(SignInChoice(offers: offers, visit: visit)))
            }
            let start = Start(target: .rootConnection(only.rootConnectionID), loginHint: email.rawValue, visit: SignInVisit())
            return try await begin(start, cookies: cookies, context: context)
        }
        return .afterLooking(step)
    }
}
