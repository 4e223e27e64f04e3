import Testing

@testable import SAML

/// Every boundary, to the second, without skew and with the largest (E21).
@Suite struct TimeTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let refusal: SAMLRefusal
        /// Seconds from now of the last accepted and the first refused value.
        let accepted: Int64
        let refused: Int64
        let change: @Sendable (inout TestResponse, String) -> Void
        var testDescription: String { name }
    }

    static let skew = ResponseExpectations.maximumClockSkew / 1000

    static let rows: [Row] = [
        Row(name: "start of the conditions", refusal: .notYetValid, accepted: 0, refused: 1) { $0.conditionsAttributes["NotBefore"] = $1 },
        Row(name: "end of the conditions", refusal: .expired, accepted: 1, refused: 0) {
            $0.conditionsAttributes["NotBefore"] = TestResponse.time(-600)
            $0.conditionsAttributes["NotOnOrAfter"] = $1
        },
        Row(name: "latest end of the conditions", refusal: .lifetimeTooLong, accepted: 86_400, refused: 86_401) {
            $0.conditionsAttributes["NotOnOrAfter"] = $1
        },
        Row(name: "end of the confirmation", refusal: .expired, accepted: 1, refused: 0) { $0.confirmationData["NotOnOrAfter"] = $1 },
        Row(name: "latest end of the confirmation", refusal: .lifetimeTooLong, accepted: 86_400, refused: 86_401) {
            $0.confirmationData["NotOnOrAfter"] = $1
        },
        Row(name: "latest issue of the response", refusal: .issueInstant, accepted: 0, refused: 1) {
            $0.responseAttributes["IssueInstant"] = $1
        },
        Row(name: "earliest issue of the response", refusal: .issueInstant, accepted: -599, refused: -600) {
            $0.responseAttributes["IssueInstant"] = $1
        },
        Row(name: "latest issue of the assertion", refusal: .issueInstant, accepted: 0, refused: 1) {
            $0.assertionAttributes["IssueInstant"] = $1
        },
        Row(name: "earliest issue of the assertion", refusal: .issueInstant, accepted: -599, refused: -600) {
            $0.assertionAttributes["IssueInstant"] = $1
        },
        Row(name: "latest authentication", refusal: .notYetValid, accepted: 0, refused: 1) { $0.authnAttributes["AuthnInstant"] = $1 },
        Row(name: "end of the session", refusal: .sessionExpired, accepted: 1, refused: 0) {
            $0.authnAttributes["SessionNotOnOrAfter"] = $1
        },
    ]

    @Test("Each time is accepted up to its boundary and refused from there, moved by the skew", arguments: rows, [0, skew])
    func boundary(row: Row, skew: Int64) {
        // The skew widens every window: away from the accepted side.
        let direction: Int64 = row.refused > row.accepted ? 1 : -1
        func refusal(_ seconds: Int64) -> SAMLRefusal? {
            var response = TestResponse()
            row.change(&response, TestResponse.time(seconds + direction * skew))
            return response.validate(TestResponse.expectations(clockSkew: skew * 1000)).refusal
        }
        #expect(refusal(row.accepted) == nil)
        #expect(refusal(row.refused) == row.refusal)
    }

    @Test(
        "A time that is missing or malformed is refused, never taken for none",
        arguments: [
            "", "2026-03-04", "2026-03-04T05:06:07", "2026-03-04T05:06:07+00:00", "2026-03-04 05:06:07Z", "2026-02-30T05:06:07Z",
            "9223372036854775807", "99999-01-01T00:00:00Z", " 2026-03-04T05:06:07Z",
        ])
    func malformed(text: String) {
        for row in Self.rows {
            var response = TestResponse()
            row.change(&response, text)
            #expect(response.validate().refusal == .timeMalformed, "\(row.name)")
        }
    }

    @Test("Conditions without start or end, or that end before they start, are refused")
    func conditionsWindow() {
        let cases = [
            ResponseCase("no start", .conditionsMissing) { $0.conditionsAttributes["NotBefore"] = nil },
            ResponseCase("no end", .conditionsMissing) { $0.conditionsAttributes["NotOnOrAfter"] = nil },
            ResponseCase("ends when it starts", .expired) {
                $0.conditionsAttributes = ["NotBefore": TestResponse.time(60), "NotOnOrAfter": TestResponse.time(60)]
            },
        ]
        for row in cases { #expect(row.response().validate(TestResponse.expectations(clockSkew: 180_000)).refusal == row.refusal) }
    }

    @Test("A forced authentication must not be older than its request")
    func forcedAuthentication() {
        var response = TestResponse()
        response.authnAttributes["AuthnInstant"] = TestResponse.time(-30)
        func refusal(_ seconds: Int64) -> SAMLRefusal? {
            response.validate(TestResponse.expectations(authenticatedAtOrAfter: TestResponse.now + seconds * 1000)).refusal
        }
        #expect(refusal(-30) == nil)
        #expect(refusal(-29) == .authenticationTooOld)
    }

    @Test("The skew is clamped to its maximum, and extreme clocks do not trap")
    func clamping() {
        #expect(TestResponse.expectations(clockSkew: .max).clockSkew == ResponseExpectations.maximumClockSkew)
        #expect(TestResponse.expectations(clockSkew: -1).clockSkew == 0)
        for now in [Int64.min, -1, 0, .max] {
            #expect(TestResponse().validate(TestResponse.expectations(clockSkew: .max, now: now)).refusal != nil)
        }
    }

    @Test("An assertion is refused from its expiresAt on")
    func replayMemory() throws {
        var response = TestResponse()
        response.conditionsAttributes["NotOnOrAfter"] = TestResponse.time(3600)
        response.confirmationData["NotOnOrAfter"] = TestResponse.time(3600)
        let xml = response.xml()
        let end = try TestResponse.validate(xml, TestResponse.expectations(clockSkew: 60_000)).get().expiresAt
        #expect(end == TestResponse.now - 1000 + IssueInstant.maximumAge + 60_000)
        #expect(TestResponse.validate(xml, TestResponse.expectations(clockSkew: 60_000, now: end - 1)).refusal == nil)
        #expect(TestResponse.validate(xml, TestResponse.expectations(clockSkew: 60_000, now: end)).refusal == .issueInstant)
    }
}
