import Testing

@testable import DemoWorld

@Suite struct FaultTests {
    let party = RelyingParty()
    let clock = HandClock()

    @Test(
        "A fault in the ID token is there while it is injected, and gone afterwards",
        arguments: [
            (.wrongNonce, "nonce", "another-nonce"), (.missingNonce, "nonce", nil), (.wrongAudience, "aud", "another-client"),
            (.additionalAudience, "aud", .array(["client", "another-client"])), (.expired, "exp", 1_799_996_400),
            (.issuedInFuture, "iat", 1_800_003_600), (.otherIssuer, "iss", "http://other.localhost"), (.missingSubject, "sub", nil),
            (.wrongAccessTokenHash, "at_hash", "AAAAAAAAAAAAAAAAAAAAAA"), (.unverifiedEmail, "email_verified", false),
            (.unverifiedEmailAsText, "email_verified", "false"), (.otherEmail("ceo@victim.example"), "email", "ceo@victim.example"),
        ] as [(DemoIdentityProvider.Fault, String, JSONValue?)])
    func claimFault(fault: DemoIdentityProvider.Fault, claim: String, value: JSONValue?) async throws {
        let provider = try RelyingParty.provider(clock)
        provider.inject(fault)
        let spoilt = await party.signIn(at: provider)
        #expect(RelyingParty.parts(spoilt["id_token"])?.claims[claim] == value)
        #expect(try await party.verifies(spoilt["id_token"], at: provider))
        provider.withdraw(fault)
        #expect(RelyingParty.parts(await party.signIn(at: provider)["id_token"])?.claims[claim] != value)
    }

    @Test(
        "A fault of the signature keeps the published keys from verifying it",
        arguments: [
            .unsigned, .badSignature, .signedWithPublicKey, .unknownKeyID, .missingKeyID,
        ] as [DemoIdentityProvider.Fault])
    func signatureFault(fault: DemoIdentityProvider.Fault) async throws {
        let provider = try RelyingParty.provider(clock)
        #expect(try await party.verifies(await party.signIn(at: provider)["id_token"], at: provider))
        provider.inject(fault)
        #expect(try await !party.verifies(await party.signIn(at: provider)["id_token"], at: provider))
    }

    @Test func `The authorization response can be spoilt`() async throws {
        let provider = try RelyingParty.provider(clock)
        func back() async -> FormFields {
            var browser = Browser(provider)
            return party.callback(await browser.post(party.authorizationTarget(), ["user": "alice"]))
        }
        provider.inject(.otherIssuerInResponse)
        #expect(await back()["iss"] == "http://other.localhost")
        provider.inject(.missingIssuerInResponse)
        #expect(await back()["iss"] == nil)
        provider.inject(.wrongState)
        #expect(await back()["state"] != "state-1")
        provider.withdrawAllFaults()
        #expect(await back()["iss"] == provider.issuer)
        #expect(await back()["state"] == "state-1")
    }

    @Test(
        "An endpoint can fail and answer too much",
        arguments: [
            (.discovery, "/.well-known/openid-configuration"), (.keys, "/jwks"), (.userinfo, "/userinfo"),
        ] as [(DemoIdentityProvider.Endpoint, String)])
    func endpointFault(endpoint: DemoIdentityProvider.Endpoint, path: String) async throws {
        let provider = try RelyingParty.provider(clock)
        var client = Browser(provider)
        provider.inject(.answersTooMuch(endpoint))
        #expect(await client.get(path).body.count > 4 << 20)
        provider.inject(.fails(endpoint))
        #expect(await client.get(path).status == 500)
        provider.withdrawAllFaults()
        #expect(await client.get(path).status != 500)
        #expect(provider.requestCount(of: endpoint) == 3)
    }

    @Test(.timeLimit(.minutes(1)))
    func `A request at an endpoint that hangs is answered when the fault is withdrawn`() async throws {
        let provider = try RelyingParty.provider(clock)
        provider.inject(.hangs(.token))
        let provided = party
        async let answer = provided.signIn(at: provider)
        while provider.waitingRequests(at: .token) == 0 { await Task.yield() }
        provider.withdraw(.hangs(.token))
        #expect(await answer["id_token"] != nil)
    }

    @Test(.timeLimit(.minutes(1)))
    func `A request that is cancelled stops waiting`() async throws {
        let gate = Gate()
        gate.close()
        let waiting = Task { await gate.pass() }
        while gate.waitingCount == 0 { await Task.yield() }
        waiting.cancel()
        await waiting.value
        #expect(gate.waitingCount == 0)
        let late = Task {
            while !Task.isCancelled { await Task.yield() }
            await gate.pass()
        }
        late.cancel()
        await late.value
    }

    @Test func `A soft rotation keeps the old key published, a hard one does not`() async throws {
        let provider = try RelyingParty.provider(clock)
        let first = await party.signIn(at: provider)["id_token"]
        try provider.rotateKeys(.soft)
        let second = await party.signIn(at: provider)["id_token"]
        #expect(RelyingParty.parts(first)?.header["kid"] != RelyingParty.parts(second)?.header["kid"])
        #expect(try await party.verifies(first, at: provider))
        #expect(try await party.verifies(second, at: provider))
        try provider.rotateKeys(.hard)
        #expect(try await !party.verifies(second, at: provider))
        #expect(try await party.verifies(await party.signIn(at: provider)["id_token"], at: provider))
    }

    @Test func `Discovery says what the provider does`() async throws {
        let provider = try RelyingParty.provider(clock)
        var client = Browser(provider)
        let reply = await client.get("/.well-known/openid-configuration")
        let metadata = try #require(JSONValue(parsing: reply.body))
        #expect(metadata["issuer"] == .string(provider.issuer))
        #expect(metadata["code_challenge_methods_supported"] == .array(["S256"]))
        #expect(metadata["authorization_response_iss_parameter_supported"] == true)
        #expect(metadata["id_token_signing_alg_values_supported"] == .array(["ES256"]))
        #expect(reply.value(of: "Cache-Control") == "public, max-age=300")
        provider.inject(.discoveryNamesOtherIssuer)
        let spoilt = JSONValue(parsing: await client.get("/.well-known/openid-configuration").body)
        #expect(spoilt?["issuer"] == "http://other.localhost")
    }
}
