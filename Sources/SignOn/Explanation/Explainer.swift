import SAML
import Storage
import Tenancy

/// Answers what would happen to somebody, without signing anyone in: the one decision, over the same slices of the
/// store as the sign-in itself (R9).
public struct Explainer {
    private let transaction: ReadTransaction
    private let names: Names
    private let routes: RoutePlan
    private let now: Instant

    /// Valid as long as the transaction.
    public init(_ transaction: ReadTransaction, routes: RoutePlan, now: Instant) {
        self.transaction = transaction
        names = Names(transaction)
        self.routes = routes
        self.now = now
    }

    public func explain(_ question: ExplainedQuestion) throws -> Explanation {
        var world = try transaction.worldExplainingDiscovery(of: question.email)
        // What was asked about is looked at too, be it that discovery would not.
        if let target = question.target { world.add(try transaction.world(for: .start(target))) }
        let ways = try world.discoveryFindings(for: question.email).map(way)
        let signIns: [Explanation.SignIn]
        if let target = question.target {
            signIns = try starting(at: target, question)
        } else {
            guard case .offer(let offers) = decide(.discovery(question.email), in: world).outcome else {
                return Explanation(email: question.email.rawValue, ways: ways, sign_ins: [])
            }
            signIns = try offers.map { try landing(at: .rootConnection($0.rootConnectionID), through: $0.rootConnectionID, question) }
        }
        return Explanation(email: question.email.rawValue, ways: ways, sign_ins: signIns)
    }

    private func way(_ finding: DiscoveryFinding) throws -> Explanation.Way {
        var link: String?
        if case .external(let id) = finding.via { link = try names.externalConnection(id) }
        let isShown = if case .shown = finding.verdict { true } else { false }
        return Explanation.Way(
            organization: try names.organization(finding.organizationID), connection: try names.connection(finding.connectionID),
            external_connection: link, shown: isShown, why: finding.sentence)
    }

    // MARK: One sign-in

    private func starting(at target: SignInTarget, _ question: ExplainedQuestion) throws -> [Explanation.SignIn] {
        let start = Question.start(target)
        let decision = decide(start, in: try transaction.world(for: start))
        switch decision.outcome {
        case .begin(let root): return [try landing(at: target, through: question.connectionID ?? root, question)]
        case .choose(let offers):
            let roots = question.connectionID.map { [$0] } ?? offers.map(\.rootConnectionID)
            return try roots.map { try landing(at: target, through: $0, question) }
        case .refuse, .offer, .admit, .reach, .linkBecomes, .linksBecome:
            return [try signIn(at: target, through: question.connectionID, assuming: [], decision)]
        }
    }

    private func landing(
        at target: SignInTarget, through root: ConnectionID, _ question: ExplainedQuestion
    ) throws -> Explanation.SignIn {
        var assumptions: [String] = []
        guard let stored = try transaction.connection(root) else {
            return try signIn(at: target, through: root, assuming: [], Decision(.refuse(.unknownConnection)))
        }
        let evidence = try evidence(of: stored, question, &assumptions)
        let world = try transaction.world(for: .landing(target, evidence, .anywhere))
        let decision = decide(.landing(target, evidence, .page(of: routes.routedOrganizations(in: world))), in: world)
        return try signIn(at: target, through: root, assuming: assumptions, decision)
    }

    private func signIn(
        at target: SignInTarget, through root: ConnectionID?, assuming assumptions: [String], _ decision: Decision
    ) throws -> Explanation.SignIn {
        var explained = Explanation.SignIn(
            start: try text(of: target), connection: try root.map(names.connection), assumptions: assumptions,
            decision: decision.outcome.label, organization: nil, member: nil, roles: [],
            steps: try decision.reasons.filter { $0 != decision.outcome.closing }.map { try $0.sentence(names) }, rule: nil,
            refusal: nil, remedy: nil)
        switch decision.outcome {
        case .admit(let admission):
            explained.organization = try names.organization(admission.organizationID)
            switch admission.membership {
            case .known(let id), .linking(let id): explained.member = try names.member(id)
            case .provisioning: break
            }
            explained.roles = try admission.roles.map { granted in
                Explanation.Role(role: granted.role.rawValue, sources: try granted.sources.map { try $0.sentence(names) }.sorted())
            }
        case .refuse(let refusal):
            explained.rule = refusal.explanation.rule.rawValue
            explained.refusal = refusal.explanation.sentence
            explained.remedy = refusal.explanation.remedy
        case .offer, .begin, .choose, .reach, .linkBecomes, .linksBecome: break
        }
        return explained
    }

    private func text(of target: SignInTarget) throws -> String {
        switch target {
        case .organization(let id): "the organization \(try names.organization(id))"
        case .rootConnection(let id): "the connection \(try names.connection(id))"
        case .externalConnection(let id): "the external connection \(try names.externalConnection(id))"
        }
    }

    // MARK: Evidence

    private func evidence(
        of stored: StoredConnection, _ question: ExplainedQuestion, _ assumptions: inout [String]
    ) throws -> Evidence {
        let connection = stored.connection
        var claims: [String: [String]] = [:]
        if question.hasRequiredClaims {
            for (claim, accepted) in connection.requiredClaims.sorted(by: { $0.key < $1.key }) {
                guard let value = accepted.sorted().first else { continue }
                claims[claim] = [value]
                assumptions.append("the identity provider asserts \(claim) = \(value)")
            }
        }
        let person = try person(of: stored, question, &assumptions)
        return Evidence(
            connectionID: connection.id, issuer: person.issuer, subject: person.subject, email: question.email,
            emailVerification: question.verification, groups: question.groups, claims: claims, authenticatedAt: now)
    }

    /// Who the IdP says it is.
    private func person(
        of stored: StoredConnection, _ question: ExplainedQuestion, _ assumptions: inout [String]
    ) throws -> Person {
        let id = stored.connection.id
        let known = Set(
            try transaction.members(email: question.email).flatMap { try transaction.subjectLinks(of: $0.id) }
                .filter { $0.connectionID == id }.map { Person(connectionID: id, issuer: $0.issuer, subject: $0.subject) })
        let stated = question.issuer ?? stored.settings.statedIssuer ?? Self.metadataIssuer(of: stored.settings)
        if let subject = question.subject {
            let same = known.first { $0.subject.utf8.elementsEqual(subject.utf8) }
            if stated == nil, same == nil {
                assumptions.append("nobody is linked by that subject: the connection does not state its issuer; give --issuer")
            }
            return Person(connectionID: id, issuer: stated ?? same?.issuer ?? "unknown", subject: subject)
        }
        let sorted = known.sorted { ($0.issuer, $0.subject) < ($1.issuer, $1.subject) }
        guard let first = sorted.first else {
            assumptions.append("the subject is one that has never signed in")
            return Person(connectionID: id, issuer: stated ?? "unknown", subject: "gateway explain: nobody")
        }
        assumptions.append(
            sorted.count == 1
                ? "the subject is the one that members with the address are linked by"
                : "the subject is the first of \(sorted.count) that members with the address are linked by; give --subject for another")
        return first
    }

    private static func metadataIssuer(of settings: ConnectionSettings) -> String? {
        guard case .saml(let saml) = settings, case .metadata(let text) = saml.identityProvider else { return nil }
        switch IdentityProvider.parse(metadata: Array(text.utf8), expectedEntityID: nil, now: 0) {
        case .success(let provider): return provider.entityID
        case .failure: return nil
        }
    }
}

extension Decision.Outcome {
    /// The last reason of a refusal repeats the outcome.
    fileprivate var closing: Reason? {
        if case .refuse(let refusal) = self { .refused(refusal) } else { nil }
    }
}

extension World {
    fileprivate mutating func add(_ other: World) {
        organizations.merge(other.organizations) { first, _ in first }
        connections.merge(other.connections) { first, _ in first }
        externalConnections.merge(other.externalConnections) { first, _ in first }
        members.merge(other.members) { first, _ in first }
        subjectLinks.formUnion(other.subjectLinks)
    }
}
