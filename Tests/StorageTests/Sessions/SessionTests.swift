import Storage
import Tenancy
import Testing

struct SessionTests {
    @Test("A session reads back as it was written", arguments: StoreFixture.allCases)
    func roundTrip(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            var bare = try session("bare")
            bare.session.evidence.email = nil
            bare.session.evidence.claims = [:]
            bare.session.evidence.validUntil = nil
            bare.via = .external(ExternalConnectionID("ext:with:colons"))
            for stored in [try session("full", signIn: "sign-in"), bare] {
                try await store.write { try $0.insertSession(stored) }
                #expect(try await store.read { try $0.session(stored.tokenHash, at: at(1)) } == stored)
                #expect(try await store.read { try $0.session(id: stored.id, at: at(1)) } == stored)
            }
            #expect(try await store.read { try $0.sessionCount() } == 2)
        }
    }

    @Test(
        "A session is absent from the instant of its limit on, though nobody cleared it away",
        arguments: StoreFixture.allCases)
    func expiry(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            let stored = try session("token", signIn: "sign-in", expires: 100)
            try await store.write { try $0.insertSession(stored) }
            for (seconds, isThere) in [(Int64(99), true), (100, false), (101, false)] {
                #expect(try await store.read { try $0.session(stored.tokenHash, at: at(seconds)) != nil } == isThere)
                #expect(try await store.read { try $0.session(id: stored.id, at: at(seconds)) != nil } == isThere)
                #expect(
                    try await store.read { try !$0.sessions(of: stored.session.evidence.person, at: at(seconds)).isEmpty }
                        == isThere)
                #expect(
                    try await store.read { try !$0.sessions(of: stored.session.memberID, at: at(seconds)).isEmpty } == isThere)
                #expect(
                    try await store.read { try !$0.sessions(ofSignIn: hash("sign-in"), at: at(seconds)).isEmpty } == isThere)
            }
        }
    }

    @Test("A token can't be planted: the second session with it is refused", arguments: StoreFixture.allCases)
    func planted(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            let first = try session("token")
            try await store.write { try $0.insertSession(first) }
            var second = try session("token", subject: "other")
            second.id = "session-live-second"
            let planted = second
            _ = await storeErrorCode { try await store.write { try $0.insertSession(planted) } }
            #expect(try await store.read { try $0.session(hash("token"), at: at(1)) } == first)
        }
    }

    @Test("Uses are noted and never moved back", arguments: StoreFixture.allCases)
    func touch(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            try await store.write { transaction in
                try transaction.insertSession(session("a"))
                try transaction.insertSession(session("b", seen: 50))
            }
            let seen = Announcements()
            let observation = store.observe { seen.append($0) }
            try await store.write { try $0.touch([hash("a"): at(10), hash("b"): at(10), hash("absent"): at(10)]) }
            #expect(try await store.read { try $0.session(hash("a"), at: at(1))?.lastSeenAt } == at(10))
            #expect(try await store.read { try $0.session(hash("b"), at: at(1))?.lastSeenAt } == at(50))
            #expect(try await store.read { try $0.sessionCount() } == 2)
            #expect(seen.drain().isEmpty)
            _ = observation
        }
    }

    @Test("Ending announces what ended, and ends nothing else", arguments: StoreFixture.allCases)
    func ending(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            try await store.write { transaction in
                try transaction.insertSession(session("one", subject: "alice", signIn: "first"))
                try transaction.insertSession(session("two", subject: "alice", signIn: "first"))
                try transaction.insertSession(session("three", subject: "alice", signIn: "second"))
                try transaction.insertSession(session("bob", subject: "bob", signIn: "third"))
                try transaction.insertSession(session("elsewhere", connection: "adfs", subject: "alice"))
            }
            let seen = Announcements()
            let observation = store.observe { seen.append($0) }
            #expect(try await store.write { try $0.deleteSessions(ofSignIn: hash("first")) } == 2)
            #expect(seen.drain() == [[.session(hash("one")), .session(hash("two"))]])
            #expect(try await store.write { try $0.deleteSession(hash("one")) } == false)
            #expect(seen.drain().isEmpty)
            let alice = try evidence("okta", subject: "alice").person
            #expect(try await store.write { try $0.deleteSessions(of: alice) } == 1)
            #expect(seen.drain() == [[.person(alice)]])
            #expect(try await store.read { try $0.session(hash("bob"), at: at(1)) } != nil)
            #expect(try await store.read { try $0.session(hash("elsewhere"), at: at(1)) } != nil)
            #expect(try await store.write { try $0.deleteSession(hash("bob")) })
            #expect(seen.drain() == [[.session(hash("bob"))]])
            #expect(try await store.read { try $0.sessionCount() } == 1)
            _ = observation
        }
    }

    @Test("Ending all others leaves one sign-in and what came from it", arguments: StoreFixture.allCases)
    func endingOthers(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            try await store.write { transaction in
                try transaction.insertSession(session("here", signIn: "mine"))
                try transaction.insertSession(session("there", signIn: "other"))
                try transaction.insertSession(session("loose"))
                try transaction.insertSession(session("bob", subject: "bob", signIn: "bobs"))
                for token in ["mine", "other"] { try transaction.insertSignInRecord(record(token, seen: 0, expires: 100)) }
            }
            let seen = Announcements()
            let observation = store.observe { seen.append($0) }
            let person = try session("here").session.evidence.person
            #expect(try await store.read { try $0.signInRecords(of: person, at: at(1)).map(\.hash) }.count == 2)
            #expect(try await store.write { try $0.deleteSessions(of: person, exceptOfSignIn: hash("mine")) } == 2)
            #expect(seen.drain() == [[.session(hash("there")), .session(hash("loose"))]])
            #expect(try await store.read { try $0.signInRecords(of: person, at: at(1)).map(\.hash) } == [hash("mine")])
            for (token, isThere) in [("here", true), ("there", false), ("loose", false), ("bob", true)] {
                #expect(try await store.read { try $0.session(hash(token), at: at(1)) != nil } == isThere)
            }
            _ = observation
        }
    }

    @Test(
        "A sign-in that takes another's place takes its sessions over, and remembers where the person is", arguments: StoreFixture.allCases)
    func succession(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            try await store.write { transaction in
                try transaction.insertSession(session("one", signIn: "former"))
                try transaction.insertSignInRecord(record("next", seen: 0, expires: 100))
                try transaction.moveSessions(ofSignIn: hash("former"), to: hash("next"))
                try transaction.setPlace(ofSignIn: hash("next"), member: MemberID("m"), organization: OrganizationID("o"))
            }
            #expect(try await store.read { try $0.sessions(ofSignIn: hash("next"), at: at(1)).map(\.id) } == ["session-live-one"])
            let moved = try await store.read { try $0.signInRecord(hash("next"), at: at(1)) }
            #expect(moved?.memberID == MemberID("m") && moved?.organizationID == OrganizationID("o"))
        }
    }

    @Test("Clearing away takes what expired or idled, in batches", arguments: StoreFixture.allCases)
    func clearing(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            try await store.write { transaction in
                for number in 0..<5 { try transaction.insertSession(session("expired-\(number)", seen: 900, expires: 500)) }
                for number in 0..<3 { try transaction.insertSession(session("idle-\(number)", seen: 100, expires: 9000)) }
                try transaction.insertSession(session("alive", seen: 900, expires: 9000))
                try transaction.insertSignInRecord(record("expired", seen: 900, expires: 500))
                try transaction.insertSignInRecord(record("idle", seen: 100, expires: 9000))
                try transaction.insertSignInRecord(record("alive", seen: 900, expires: 9000))
            }
            var counts: [Int] = []
            repeat {
                counts.append(
                    try await store.write { try $0.deleteExpiredSessions(at: at(1000), idle: .seconds(500), limit: 2) })
            } while counts.last != 0
            #expect(counts == [6, 3, 1, 0])
            #expect(try await store.read { try $0.session(hash("alive"), at: at(1000)) } != nil)
            #expect(try await store.read { try $0.sessionCount() } == 1)
            #expect(try await store.read { try $0.signInRecord(hash("alive"), at: at(0)) } != nil)
            #expect(try await store.read { try $0.signInRecord(hash("idle"), at: at(0)) } == nil)
        }
    }

    @Test("A sign-in record reads back, expires, is touched and ended", arguments: StoreFixture.allCases)
    func signInRecords(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            var stored = try record("sign-in", seen: 0, expires: 100)
            let inserted = stored
            try await store.write { try $0.insertSignInRecord(inserted) }
            #expect(await store.signInRecord(hash("sign-in"), at: at(99)) == .found(stored))
            #expect(await store.signInRecord(hash("sign-in"), at: at(100)) == .absent)
            try await store.write { try $0.touchSignInRecords([hash("sign-in"): at(7)]) }
            stored.lastSeenAt = at(7)
            #expect(await store.signInRecord(hash("sign-in"), at: at(99)) == .found(stored))
            #expect(try await store.write { try $0.deleteSignInRecord(hash("sign-in")) })
            #expect(try await store.write { try $0.deleteSignInRecord(hash("sign-in")) } == false)
            try await store.write { try $0.insertSignInRecord(inserted) }
            let person = inserted.evidence.person
            try await store.write { try $0.deleteSessions(of: person) }
            #expect(await store.signInRecord(hash("sign-in"), at: at(1)) == .absent)
        }
    }

    private func record(_ token: String, seen: Int64, expires: Int64) throws -> SignInRecord {
        SignInRecord(
            hash: hash(token), evidence: try evidence("okta", email: "alice@acme.example"),
            memberID: MemberID("mem-acme-alice"),
            organizationID: OrganizationID("org-acme"), createdAt: at(0), lastSeenAt: at(seen), expiresAt: at(expires))
    }
}
