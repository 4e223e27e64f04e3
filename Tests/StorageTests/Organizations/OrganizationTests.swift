import Tenancy
import Testing

@testable import Storage

struct OrganizationTests {
    private func full() throws -> Organization {
        var value = organization("acme", createdAt: at(5))
        value.allowedDomains = [
            .init(domain: try domain("acme.example"), authority: .project),
            .init(domain: try domain("acme.test"), authority: .organizationAdministrator, isVerified: true),
        ]
        value.provisioning = .restricted(to: [.owned(ConnectionID("con-okta")), .external(ExternalConnectionID("ext-a:b"))])
        value.defaultConnection = .external(ExternalConnectionID("ext-a:b"))
        value.domainRoles = [try domain("acme.example"): [RoleID("viewer"), RoleID("editor")]]
        return value
    }

    @Test("An organization reads back as it was written, and its slug is never another's", arguments: StoreFixture.allCases)
    func organizations(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            let claims = ["department": "{member.trusted_metadata.department}"]
            var acme = try full()
            let inserted = acme
            try await store.write { try $0.insertOrganization(inserted, customClaims: claims) }
            #expect(try await store.read { try $0.organization(inserted.id) } == acme)
            #expect(try await store.read { try $0.organization(slug: "acme") } == acme)
            #expect(try await store.read { try $0.customClaims(of: inserted.id) } == claims)
            #expect(try await store.read { try $0.isManaged(inserted.id) } == false)

            acme.slug = "acme-2"
            acme.name = "Renamed"
            acme.createdAt = at(99)
            acme.status = .suspended
            let renamed = acme
            #expect(try await store.write { try $0.updateOrganization(renamed, customClaims: [:]) })
            acme.createdAt = at(5)
            acme.status = .active
            #expect(try await store.read { try $0.organization(inserted.id) } == acme)
            #expect(try await store.read { try $0.organization(slug: "acme") } == nil)
            #expect(try await store.read { try $0.customClaims(of: inserted.id) } == [:])

            var thief = organization("thief")
            for slug in ["acme", "acme-2"] {
                thief.slug = slug
                let attempt = thief
                let code = await storeErrorCode { try await store.write { try $0.insertOrganization(attempt) } }
                #expect(code == .constraint("slugs.slug"))
            }
            #expect(try await store.write { try $0.updateOrganization(organization("none"), customClaims: [:]) } == false)
            #expect(try await store.write { try $0.setOrganizationStatus(OrganizationID("none"), .deleted) } == false)
        }
    }

    @Test("Connections and links read back as they were written", arguments: StoreFixture.allCases)
    func connections(_ fixture: StoreFixture) async throws {
        var oidc = connection("okta", of: "acme")
        oidc.connection.emailDomains = [try domain("acme.example")]
        oidc.connection.requiredClaims = ["hd": ["acme.example", "acme.test"]]
        oidc.connection.roles = [RoleID("viewer")]
        oidc.connection.groupRoles = ["engineering": [RoleID("editor")]]
        let saml = ConnectionSettings.saml(
            SAMLConnectionSettings(
                identityProvider: .fields(entityID: "urn:idp", ssoURL: "https://idp.example/sso", certificates: ["PEM"]),
                serviceProviderEntityID: "urn:sp", attributeMapping: ["email": "mail"], subjectAttribute: "uid",
                clockSkew: .seconds(30), allowsUnsolicited: true, decryptionKey: Secret("canary-key")))
        let others: [ConnectionSettings] = [
            saml, .saml(SAMLConnectionSettings(identityProvider: .metadataURL("https://idp.example/metadata"))),
            .saml(SAMLConnectionSettings(identityProvider: .metadata("<EntityDescriptor/>"))),
            .oidc(
                OIDCConnectionSettings(issuer: "https://public.example", clientID: "id", clientSecret: nil, userinfo: .never)),
        ]
        let all =
            [oidc]
            + others.enumerated().map { index, settings in
                var other = connection("other-\(index)", of: "acme")
                other.settings = settings
                other.connection.emailDomains = []
                return other
            }
        var external = link("borrowed", from: "globex", to: "okta")
        external.externalConnection.provisions = true
        external.externalConnection.emailDomains = []
        external.externalConnection.roleCeiling = []
        external.externalConnection.groupRoles = ["g": [RoleID("viewer")]]
        let borrowed = external
        try await fixture.withStore { store in
            try await store.write { transaction in
                try transaction.insertOrganization(organization("acme"))
                try transaction.insertOrganization(organization("globex"))
                for stored in all { try transaction.insertConnection(stored) }
                try transaction.insertExternalConnection(borrowed)
            }
            #expect(
                try await store.read { try $0.connections(limit: 10) } == all.sorted { $0.connection.id < $1.connection.id })
            #expect(
                try await store.read { try $0.connections(after: ConnectionID("con-okta"), limit: 2) }.map(\.name) == [
                    "other-0", "other-1",
                ])
            #expect(try await store.read { try $0.connections(of: OrganizationID("org-acme")) }.count == all.count)
            #expect(try await store.read { try $0.externalConnection(borrowed.externalConnection.id) } == borrowed)
            #expect(try await store.read { try $0.externalConnections(of: OrganizationID("org-globex")) } == [borrowed])
            #expect(try await store.read { try $0.externalConnections(to: ConnectionID("con-okta")) } == [borrowed])

            var changed = oidc
            changed.connection.displayName = "Renamed"
            changed.connection.emailDomains = nil
            changed.settings = saml
            changed.connection.kind = .saml
            let update = changed
            #expect(try await store.write { try $0.updateConnection(update) })
            #expect(try await store.read { try $0.connection(update.connection.id) } == update)
            var nobody = connection("none", of: "acme")
            nobody.name = "none"
            let unknown = nobody
            #expect(try await store.write { try $0.updateConnection(unknown) } == false)
        }
    }

    @Test("A sealed secret does not open in another connection's row", arguments: StoreFixture.allCases)
    func movedSecret(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            try await store.write { transaction in
                try transaction.insertOrganization(organization("acme"))
                try transaction.insertConnection(connection("a", of: "acme"))
                try transaction.insertConnection(connection("b", of: "acme"))
                try transaction.sql.execute(
                    "UPDATE connections SET secrets = (SELECT secrets FROM connections WHERE id = 'con-a') WHERE id = 'con-b'",
                    [])
            }
            #expect(await storeErrorCode { try await store.read { try $0.connection(ConnectionID("con-b")) } } == .corrupt)
            #expect(try await store.read { try $0.connection(ConnectionID("con-a")) } != nil)
        }
    }

    @Test("One link per borrower and root connection, except ended ones", arguments: StoreFixture.allCases)
    func oneLink(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            try await store.write { transaction in
                try transaction.insertOrganization(organization("acme"))
                try transaction.insertOrganization(organization("globex"))
                try transaction.insertConnection(connection("okta", of: "acme"))
                try transaction.insertExternalConnection(link("first", from: "globex", to: "okta"))
            }
            let second = link("second", from: "globex", to: "okta")
            guard case .constraint = await storeErrorCode({ try await store.write { try $0.insertExternalConnection(second) } })
            else {
                Issue.record("a second link was made")
                return
            }
            try await store.write { transaction in
                try transaction.setExternalConnectionStatus(ExternalConnectionID("ext-first"), .severed)
                try transaction.insertExternalConnection(second)
            }
            #expect(try await store.read { try $0.externalConnections(to: ConnectionID("con-okta")) }.count == 2)
        }
    }

    @Test("Members: one for each address, links for each subject, every change announced", arguments: StoreFixture.allCases)
    func members(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            var alice = try member("alice", of: "acme")
            alice.roles = [RoleID("editor"), .administrator]
            alice.authority = .organizationAdministrator
            let bob = try member("bob", of: "acme")
            let inserted = alice
            try await store.write { transaction in
                try transaction.insertOrganization(organization("acme"))
                try transaction.insertOrganization(organization("globex"))
                try transaction.insertConnection(connection("okta", of: "acme"))
                try transaction.insertMember(inserted)
                try transaction.insertMember(bob)
            }
            let seen = Announcements()
            let observation = store.observe { seen.append($0) }
            #expect(try await store.read { try $0.member(inserted.id) } == inserted)
            #expect(try await store.read { try $0.member(of: inserted.organizationID, email: inserted.email) } == inserted)
            #expect(try await store.read { try $0.members(of: inserted.organizationID, limit: 10) } == [inserted, bob])
            #expect(
                try await store.read { try $0.members(of: inserted.organizationID, after: inserted.email, limit: 10) } == [bob])
            let twin = try member("twin", of: "acme", email: "alice@acme.example")
            #expect(
                await storeErrorCode { try await store.write { try $0.insertMember(twin) } }
                    == .constraint("members.organization_id, members.email"))

            let subject = SubjectLink(
                memberID: alice.id, organizationID: alice.organizationID, connectionID: ConnectionID("con-okta"),
                issuer: "https://okta.example", subject: "00u1")
            #expect(seen.drain().isEmpty)
            try await store.write { try $0.linkSubject(subject) }
            #expect(seen.drain() == [[.member(alice.id)]])
            try await store.write { try $0.linkSubject(subject) }
            #expect(seen.drain().isEmpty)
            #expect(try await store.read { try $0.subjectLinks(of: inserted.id) } == [subject])
            var stolen = subject
            stolen.memberID = bob.id
            var misplaced = subject
            misplaced.organizationID = OrganizationID("org-globex")
            for wrong in [stolen, misplaced] {
                let code = await storeErrorCode { try await store.write { try $0.linkSubject(wrong) } }
                #expect(code == .constraint("subject_links.member_id"))
            }
            let foreign = stolen
            #expect(try await store.write { try $0.unlink(foreign) } == false)
            #expect(try await store.write { try $0.unlink(subject) })
            try await store.write { try $0.linkSubject(subject) }
            #expect(try await store.write { try $0.unlink(subject.memberID, through: subject.connectionID) } == 1)
            #expect(try await store.read { try $0.subjectLinks(of: inserted.id) } == [])
            #expect(seen.drain() == Array(repeating: [.member(alice.id)], count: 3))

            let free = try address("alice.smith@acme.example")
            #expect(try await store.write { try $0.setEmail(inserted.id, bob.email) } == false)
            #expect(seen.drain().isEmpty)
            #expect(try await store.write { try $0.setEmail(inserted.id, free) })
            #expect(try await store.write { try $0.setEmail(inserted.id, free) })
            #expect(try await store.write { try $0.setName(inserted.id, "Alice Smith") })
            #expect(try await store.write { try $0.setRoles(inserted.id, []) })
            #expect(try await store.write { try $0.setMemberStatus(inserted.id, .suspended) })
            #expect(seen.drain() == Array(repeating: [.member(alice.id)], count: 5))
            try await store.write { try $0.markSignedIn(inserted.id) }
            #expect(seen.drain().isEmpty)
            alice.email = free
            alice.name = "Alice Smith"
            alice.roles = []
            alice.status = .suspended
            alice.hasSignedIn = true
            #expect(try await store.read { try $0.member(inserted.id) } == alice)
            #expect(try await store.write { try $0.setMemberStatus(MemberID("none"), .deleted) } == false)
            _ = observation
        }
    }

    @Test("Roles", arguments: StoreFixture.allCases)
    func roles(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            let editor = Role(id: RoleID("editor"), permissions: ["documents": ["read", "write"]])
            try await store.write { transaction in
                try transaction.setRole(Role(id: RoleID("viewer")))
                try transaction.setRole(Role(id: RoleID("editor")))
                try transaction.setRole(editor)
            }
            #expect(try await store.read { try $0.roles() } == [editor, Role(id: RoleID("viewer"))])
            #expect(try await store.write { try $0.deleteRole(RoleID("viewer")) })
            #expect(try await store.write { try $0.deleteRole(RoleID("viewer")) } == false)
            #expect(try await store.read { try $0.roles() } == [editor])
        }
    }

    @Test(
        "A damaged row is an error, not a default",
        arguments: [
            "UPDATE organizations SET domain_roles = '{'", "UPDATE organizations SET default_connection = 'x'",
            "UPDATE organizations SET allowed_domains = '[{}]'", "UPDATE organizations SET created_at = 'soon'",
        ])
    func damaged(_ sql: String) async throws {
        try await StoreFixture.sqlite.withStore { store in
            try await store.write { transaction in
                try transaction.insertOrganization(organization("acme"))
                try transaction.sql.execute(sql, [])
            }
            #expect(await storeErrorCode { try await store.read { try $0.organization(slug: "acme") } } == .corrupt)
        }
    }
}
