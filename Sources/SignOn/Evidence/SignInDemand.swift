import Tenancy

/// What a page demands of the sign-in itself (step-up). Evidence meets it or does not, whatever session it is in: an
/// exchange carries the evidence along unchanged, and so never meets more than the sign-in did.
public struct SignInDemand: Sendable, Equatable, Codable {
    /// Values that one demand may name, and bytes of each.
    static let maximumContexts = 10
    static let maximumContextBytes = 255

    /// The IdP must say that it authenticated the person less than this ago.
    public var maximumAge: Duration?
    /// OIDC `acr` or SAML AuthnContextClassRef values, of which the IdP must state one; empty: none.
    public var contexts: [String]

    public init(maximumAge: Duration?, contexts: [String]) {
        self.maximumAge = maximumAge
        self.contexts = contexts
    }

    func isMet(by evidence: Evidence, at now: Instant) -> Bool {
        if maximumAge != nil {
            guard let end = end(for: evidence), now < end else { return false }
        }
        guard !contexts.isEmpty else { return true }
        guard let stated = evidence.authenticationContext else { return false }
        return contexts.contains { $0.utf8.elementsEqual(stated.utf8) }
    }

    /// From then on the sign-in is too old; `nil`: it does not age, or the IdP has not said how old it is.
    func end(for evidence: Evidence) -> Instant? {
        guard let maximumAge, let time = evidence.statedAuthenticationTime else { return nil }
        return time.advanced(by: maximumAge)
    }
}

extension SignInDemand {
    /// As it travels in the address of a sign-in page, where it is a wish: the route itself is what is enforced. `nil` for
    /// values that no route could have.
    public init?(maximumAge: String?, contexts: String?) {
        var age: Duration?
        if let maximumAge {
            guard let seconds = Int64(maximumAge), (0...366 * 86_400).contains(seconds) else { return nil }
            age = .seconds(seconds)
        }
        let named = contexts.map { $0.split(separator: " ").map(String.init) } ?? []
        guard named.count <= Self.maximumContexts,
            named.allSatisfy({ $0.utf8.count <= Self.maximumContextBytes && $0.utf8.allSatisfy { (0x21...0x7E).contains($0) } })
        else { return nil }
        self.init(maximumAge: age, contexts: named)
    }

    /// The other direction.
    public var query: [(name: String, value: String)] {
        var query: [(name: String, value: String)] = []
        if let maximumAge { query.append(("max_age", "\(maximumAge.wholeMilliseconds / 1000)")) }
        if !contexts.isEmpty { query.append(("acr", contexts.joined(separator: " "))) }
        return query
    }

    /// `query` as part of an address; empty without a demand.
    public var encodedQuery: String { FormEncoding.encode(query.map { ($0.name, $0.value) }) }
}
