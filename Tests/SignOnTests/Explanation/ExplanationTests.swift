import Storage
import Tenancy
import Testing

@testable import SignOn

struct ExplanationTests {
    @Test("Every refusal has a rule, a sentence and a remedy of its own")
    func refusals() {
        let explanations = Refusal.allCases.map(\.explanation)
        #expect(explanations.count > 20)
        #expect(explanations.allSatisfy { !$0.sentence.isEmpty && !$0.remedy.isEmpty })
        #expect(Set(explanations.map(\.sentence)).count == explanations.count)
        #expect(Set(explanations.map(\.text)).count == explanations.count)
    }

    @Test("Every reason has a sentence of its own, with names for ids")
    func reasons() async throws {
        let bench = try await TestBench()
        let (acme, alice, connection) = (TestBench.acme.id, TestBench.alice.id, TestBench.connection.id)
        let reasons: [Reason] = [
            .passedOver(acme, .noRoute), .accepted(acme, via: .owned(connection)),
            .accepted(acme, via: .external(ExternalConnectionID("link-1"))), .recognizedBySubject(alice), .linkedByEmail(alice),
            .provisioned(acme), .emailAdopted, .emailKept, .isOwner(acme), .isOldest(acme), .roleCapped(RoleID("editor")),
            .refused(.noRoute),
        ]
        let sentences = try await bench.store.read { transaction in
            let names = Names(transaction)
            return try reasons.map { try $0.sentence(names) }
        }
        #expect(Set(sentences).count == reasons.count && !sentences.contains(""))
        #expect(!sentences.contains { $0.contains("organization-1") || $0.contains("member-1") })
    }

    @Test("Every obstacle of discovery has a sentence of its own")
    func obstacles() {
        let obstacles: [DiscoveryObstacle] = [
            .refused(.connectionInactive), .shutOut(.memberSuspended), .membershipNotProven, .belongsElsewhere,
            .provisioningNotPermitted, .domainNotListed, .domainNotNamed, .domainNotProven,
        ]
        #expect(Set(obstacles.map(\.sentence)).count == obstacles.count)
    }

    @Test("A label of the audit trail leads back to its sentence")
    func labels() {
        for refusal in Refusal.allCases {
            #expect(SignOnRefusal.operatorSentence(ofLabel: refusal.rawValue) == refusal.explanation.text)
        }
        for label in ["flow_unknown", "replayed", "oidc_token_response_malformed", "saml_audience", "rate_limited"] {
            #expect(SignOnRefusal.operatorSentence(ofLabel: label)?.isEmpty == false)
        }
        #expect(SignOnRefusal.operatorSentence(ofLabel: "admitted") == nil)
    }

    @Test("What is explained is what would be decided, with roles and their sources")
    func admitted() async throws {
        let bench = try await TestBench()
        let now = bench.now
        let routes = bench.signOn.settings.routes
        let question = ExplainedQuestion(email: TestBench.alice.email, target: .organization(TestBench.acme.id))
        let explained = try await bench.store.read { try Explainer($0, routes: routes, now: now).explain(question) }
        let signIn = try #require(explained.sign_ins.first)
        #expect((signIn.decision, signIn.organization, signIn.member) == ("admitted", "acme", "alice@acme.example"))
        #expect(signIn.roles == [.init(role: "editor", sources: ["assigned directly"])])
        #expect(explained.ways.map(\.shown) == [true])
        let other = ExplainedQuestion(email: TestBench.alice.email, target: .organization(TestBench.acme.id), subject: "mallory")
        let refused = try await bench.store.read { try Explainer($0, routes: routes, now: now).explain(other) }
        #expect(refused.sign_ins.first?.rule == "R2")
        #expect(refused.sign_ins.first?.decision == "refused_subject_changed")
    }

    @Test("An event of a sign-in holds its whole question")
    func event() throws {
        let evidence = Evidence(
            connectionID: TestBench.connection.id, issuer: "https://idp.example", subject: "alice", email: TestBench.alice.email,
            emailVerification: .unverified, groups: ["a,b", "\"quoted\""], authenticatedAt: Instant(seconds: 1))
        let event = AuditEvent.signIn(
            id: "event-1", at: Instant(seconds: 1), decision: Decision(.refuse(.emailNotVerified)), evidence: evidence,
            target: .externalConnection(ExternalConnectionID("link-1")),
            context: RequestContext(requestID: "r", clientAddress: "192.0.2.1"))
        let question = try #require(ExplainedQuestion(event))
        #expect(question.email == evidence.email && question.subject == "alice" && question.issuer == "https://idp.example")
        #expect(question.groups == evidence.groups && question.verification == .unverified)
        #expect(question.target == .externalConnection(ExternalConnectionID("link-1")))
        #expect(question.connectionID == TestBench.connection.id)
    }
}
