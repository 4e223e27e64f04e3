import Tenancy
import Testing

@testable import Storage

struct ImportTests {
    private typealias DeclaredOrganization = Declaration.DeclaredOrganization

    private func declared(_ slug: String, members: [Declaration.DeclaredMember] = []) -> Declaration.DeclaredOrganization {
        Declaration.DeclaredOrganization(id: OrganizationID("org-\(slug)"), slug: slug, name: slug, members: members)
    }

    private func declaredMember(_ name: String, _ email: String, roles: Set<RoleID> = []) throws -> Declaration.DeclaredMember {
        Declaration.DeclaredMember(id: MemberID("dec-\(name)"), email: try address(email), roles: roles)
    }

    /// Two organizations, a connection, a link to it, a member and a role.
    private func sample() throws -> Declaration {
        var acme = declared("acme", members: [try declaredMember("alice", "alice@acme.example", roles: [RoleID("editor")])])
        acme.allowedDomains = [try domain("acme.example")]
        acme.provisioning = .restricted(to: [.owned(ConnectionID("con-okta"))])
        acme.defaultConnection = .owned(ConnectionID("con-okta"))
        acme.domainRoles = [try domain("acme.example"): [RoleID("editor")]]
        acme.customClaims = ["plan": "gold"]
        let okta = connection("okta", of: "acme")
        let borrowed = link("borrowed", from: "globex", to: "okta")
        return Declaration(
            organizations: [acme, declared("globex")],
            connections: [.init(name: okta.name, connection: okta.connection, settings: okta.settings)],
            externalConnections: [.init(name: borrowed.name, externalConnection: borrowed.externalConnection)],
            roles: [Role(id: RoleID("editor"), permissions: ["documents": ["read"]])])
    }

    @discardableResult
    private func imported(_ declaration: Declaration, into store: Store, at now: Instant = at(0)) async throws -> ImportSummary {
        try await store.write { try $0.importDeclaration(declaration, at: now) }
    }

    private func summary(created: Int = 0, changed: Int = 0, disabled: Int = 0) -> ImportSummary {
        var summary = ImportSummary()
        summary.created = created
        summary.changed = changed
        summary.disabled = disabled
        return summary
    }

    @Test("A first import makes everything, in file order and managed", arguments: StoreFixture.allCases)
    func first(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            let declaration = try sample()
            #expect(try await imported(declaration, into: store) == summary(created: 6))
            let acme = try #require(try await store.read { try $0.organization(slug: "acme") })
            let globex = try #require(try await store.read { try $0.organization(slug: "globex") })
            #expect(acme.createdAt == at(0))
            #expect(globex.createdAt == Instant(milliseconds: at(0).milliseconds + 1))
            #expect(acme.allowedDomains == [.init(domain: try domain("acme.example"), authority: .configuration)])
            #expect(acme.provisioning == declaration.organizations[0].provisioning)
            #expect(acme.defaultConnection == declaration.organizations[0].defaultConnection)
            #expect(acme.domainRoles == declaration.organizations[0].domainRoles)
            #expect(try await store.read { try $0.customClaims(of: acme.id) } == ["plan": "gold"])
            var okta = connection("okta", of: "acme")
            okta.isManaged = true
            #expect(try await store.read { try $0.connection(ConnectionID("con-okta")) } == okta)
            var borrowed = link("borrowed", from: "globex", to: "okta")
            borrowed.isManaged = true
            #expect(try await store.read { try $0.externalConnection(ExternalConnectionID("ext-borrowed")) } == borrowed)
            let alice = try #require(try await store.read { try $0.member(MemberID("dec-alice")) })
            #expect(alice.authority == .configuration)
            #expect(alice.roles == [RoleID("editor")])
            #expect(try await store.read { try $0.isManaged(alice.id) && $0.isManaged(acme.id) })
            #expect(try await store.read { try $0.roles() } == declaration.roles)
        }
    }

    @Test("An unchanged file writes nothing and announces nothing", arguments: StoreFixture.allCases)
    func unchanged(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            let declaration = try sample()
            try await imported(declaration, into: store)
            let seen = Announcements()
            let observation = store.observe { seen.append($0) }
            #expect(try await imported(declaration, into: store, at: at(50)) == summary())
            // Also where something else was added, so that the digest of the whole does not fit.
            var more = declaration
            more.roles.append(Role(id: RoleID("viewer")))
            #expect(try await imported(more, into: store, at: at(50)) == summary(created: 1))
            #expect(seen.drain() == [[.everything]])
            #expect(try await store.read { try $0.organization(slug: "acme")?.createdAt } == at(0))
            _ = observation
        }
    }

    /// Each field of the file that an import must notice.
    private enum Edit: String, CaseIterable, CustomTestStringConvertible {
        case slug, name, createdAt, allowedDomains, provisioning, defaultConnection, domainRoles, customClaims
        case memberEmail, memberName, memberRoles
        case connectionName, displayName, emailDomains, noEmailDomain, requiredClaims, roles, groupRoles, issuer, clientID
        case clientSecret, noClientSecret, scopes, algorithms, userinfo, queryScopes, mapping, subjectClaim, toSAML
        case linkName, linkDisplayName, provisions, linkDomains, linkRoles, linkGroupRoles, ceiling, emptyCeiling
        case permissions

        var testDescription: String { rawValue }

        var change: Change {
            switch self {
            case .slug, .name, .createdAt, .allowedDomains, .provisioning, .defaultConnection, .domainRoles, .customClaims:
                .organization(OrganizationID("org-acme"))
            case .memberEmail, .memberName, .memberRoles: .member(MemberID("dec-alice"))
            case .linkName, .linkDisplayName, .provisions, .linkDomains, .linkRoles, .linkGroupRoles, .ceiling, .emptyCeiling:
                .externalConnection(ExternalConnectionID("ext-borrowed"))
            case .permissions: .everything
            default: .connection(ConnectionID("con-okta"))
            }
        }

        func apply(to declaration: inout Declaration) throws {
            if case .permissions = self { declaration.roles[0].permissions = ["documents": ["write"]] }
            try apply(to: &declaration.organizations[0])
            try apply(to: &declaration.connections[0])
            try apply(to: &declaration.externalConnections[0])
        }

        private func apply(to organization: inout Declaration.DeclaredOrganization) throws {
            switch self {
            case .slug: organization.slug = "acme-2"
            case .name: organization.name = "Renamed"
            case .createdAt: organization.createdAt = at(-9)
            case .allowedDomains: organization.allowedDomains = []
            case .provisioning: organization.provisioning = .allAllowed
            case .defaultConnection: organization.defaultConnection = nil
            case .domainRoles: organization.domainRoles = [try domain("acme.example"): []]
            case .customClaims: organization.customClaims = ["plan": "silver"]
            case .memberEmail: organization.members[0].email = try address("alice2@acme.example")
            case .memberName: organization.members[0].name = "Alice"
            case .memberRoles: organization.members[0].roles = []
            default: break
            }
        }

        private func apply(to declared: inout Declaration.DeclaredConnection) throws {
            guard case .oidc(var settings) = declared.settings else { return }
            switch self {
            case .connectionName: declared.name = "renamed"
            case .displayName: declared.connection.displayName = "Renamed"
            case .emailDomains: declared.connection.emailDomains = [try domain("acme.example")]
            case .noEmailDomain: declared.connection.emailDomains = []
            case .requiredClaims: declared.connection.requiredClaims = ["hd": ["acme.example"]]
            case .roles: declared.connection.roles = [RoleID("viewer")]
            case .groupRoles: declared.connection.groupRoles = ["g": [RoleID("viewer")]]
            case .issuer: settings.issuer = "https://new.example"
            case .clientID: settings.clientID = "new"
            case .clientSecret: settings.clientSecret = Secret("new")
            case .noClientSecret: settings.clientSecret = nil
            case .scopes: settings.customScopes = ["groups"]
            case .algorithms: settings.algorithms = ["ES256"]
            case .userinfo: settings.userinfo = .never
            case .queryScopes: settings.queryScopes = []
            case .mapping: settings.attributeMapping = ["groups": "groups"]
            case .subjectClaim: settings.subjectClaim = "oid"
            default: break
            }
            declared.settings = .oidc(settings)
            if case .toSAML = self {
                declared.connection.kind = .saml
                declared.settings = .saml(SAMLConnectionSettings(identityProvider: .metadataURL("https://idp.example/m")))
            }
        }

        private func apply(to declared: inout Declaration.DeclaredExternalConnection) throws {
            switch self {
            case .linkName: declared.name = "renamed"
            case .linkDisplayName: declared.externalConnection.displayName = "Renamed"
            case .provisions: declared.externalConnection.provisions = true
            case .linkDomains: declared.externalConnection.emailDomains = []
            case .linkRoles: declared.externalConnection.roles = [RoleID("viewer")]
            case .linkGroupRoles: declared.externalConnection.groupRoles = ["g": [RoleID("viewer")]]
            case .ceiling: declared.externalConnection.roleCeiling = [RoleID("viewer")]
            case .emptyCeiling: declared.externalConnection.roleCeiling = []
            default: break
            }
        }
    }

    @Test("A changed field is written, and what it belongs to is announced, alone", arguments: Edit.allCases)
    private func changedField(_ edit: Edit) async throws {
        try await StoreFixture.sqlite.withStore { store in
            var declaration = try sample()
            try await imported(declaration, into: store)
            try edit.apply(to: &declaration)
            let seen = Announcements()
            let observation = store.observe { seen.append($0) }
            #expect(try await imported(declaration, into: store, at: at(9)) == summary(changed: 1))
            #expect(seen.drain() == [[edit.change]])
            // What is stored now is what a fresh store would have.
            let changed = try await contents(of: store)
            let edited = declaration
            let fresh = try await StoreFixture.sqlite.withStore { fresh in
                try await imported(edited, into: fresh)
                return try await contents(of: fresh)
            }
            #expect(changed == fresh)
            _ = observation
        }
    }

    private struct Contents: Equatable, Sendable {
        var organizations: [Organization]
        var claims: [[String: String]]
        var connections: [StoredConnection]
        var links: [StoredExternalConnection]
        var members: [Member]
        var roles: [Role]
        var domains: [[SQLValue]]
    }

    private func contents(of store: Store) async throws -> Contents {
        try await store.read { transaction in
            let organizations = try transaction.organizations(limit: 100)
            return Contents(
                organizations: organizations, claims: try organizations.map { try transaction.customClaims(of: $0.id) },
                connections: try transaction.connections(limit: 100),
                links: try organizations.flatMap { try transaction.externalConnections(of: $0.id) },
                members: try organizations.flatMap { try transaction.members(of: $0.id, limit: 100) },
                roles: try transaction.roles(),
                domains: try transaction.sql.rows(
                    "SELECT holder, holder_id, domain FROM mail_domains ORDER BY holder, holder_id, domain", []
                ).map(\.values))
        }
    }

    @Test("What leaves the file is disabled with its data, and comes back as it was", arguments: StoreFixture.allCases)
    func leaving(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            let declaration = try sample()
            try await imported(declaration, into: store)
            let before = try await contents(of: store)
            let seen = Announcements()
            let observation = store.observe { seen.append($0) }
            #expect(try await imported(Declaration(), into: store) == summary(disabled: 6))
            #expect(seen.drain() == [[.everything]])
            let gone = try await contents(of: store)
            #expect(gone.organizations.map(\.status) == [.suspended, .suspended])
            #expect(gone.connections.map(\.connection.status) == [.disabled])
            #expect(gone.links.map(\.externalConnection.status) == [.disabled])
            #expect(gone.members.map(\.status) == [.suspended])
            #expect(gone.roles == [])
            #expect(gone.connections.map(\.settings) == before.connections.map(\.settings))
            #expect(gone.connections.map(\.isManaged) == [true])
            #expect(try await imported(Declaration(), into: store) == summary())
            #expect(try await imported(declaration, into: store, at: at(99)) == summary(changed: 6))
            #expect(try await contents(of: store) == before)
            _ = observation
        }
    }

    @Test("Run-time state survives reloads, leaving and returning", arguments: StoreFixture.allCases)
    func runTimeState(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            var declaration = try sample()
            try await imported(declaration, into: store)
            let subject = SubjectLink(
                memberID: MemberID("dec-alice"), organizationID: OrganizationID("org-acme"),
                connectionID: ConnectionID("con-okta"), issuer: "https://okta.example", subject: "00u1")
            try await store.write { transaction in
                try transaction.setOrganizationStatus(OrganizationID("org-globex"), .suspended)
                try transaction.setConnectionStatus(ConnectionID("con-okta"), .disabled)
                try transaction.setExternalConnectionStatus(ExternalConnectionID("ext-borrowed"), .severed)
                try transaction.setMemberStatus(MemberID("dec-alice"), .suspended)
                try transaction.linkSubject(subject)
                try transaction.setEmail(MemberID("dec-alice"), #require(EmailAddress("alice.new@acme.example")))
            }
            let before = try await contents(of: store)
            // A reload, a change of the file elsewhere, and leaving and returning.
            try await imported(declaration, into: store)
            declaration.organizations[1].name = "Globex"
            try await imported(declaration, into: store)
            declaration.organizations[1].name = "globex"
            try await imported(declaration, into: store)
            #expect(try await contents(of: store) == before)
            try await imported(Declaration(), into: store)
            try await imported(declaration, into: store)
            var returned = try await contents(of: store)
            #expect(returned.members.map(\.email.rawValue) == ["alice@acme.example"])
            returned.members = before.members
            #expect(returned == before)
            #expect(before.organizations.map(\.status) == [.active, .suspended])
            #expect(before.connections.map(\.connection.status) == [.disabled])
            #expect(before.links.map(\.externalConnection.status) == [.severed])
            #expect(before.members.map(\.status) == [.suspended])
            #expect(try await store.read { try $0.subjectLinks(of: subject.memberID) } == [subject])
        }
    }

    @Test("Another issuer in the file leaves links active, and pending ones pending", arguments: StoreFixture.allCases)
    func issuerChange(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            var declaration = try sample()
            try await imported(declaration, into: store)
            try Edit.issuer.apply(to: &declaration)
            try await imported(declaration, into: store)
            let id = ExternalConnectionID("ext-borrowed")
            #expect(try await store.read { try $0.externalConnection(id)?.externalConnection.status } == .active)
        }
    }

    @Test(
        "A slug that anybody ever had is refused, with the holder's name, and nothing is imported",
        arguments: StoreFixture.allCases)
    func slugs(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            try await imported(Declaration(organizations: [declared("one"), declared("two")]), into: store)
            // "one" leaves, "two" takes another slug.
            var renamed = declared("two")
            renamed.slug = "three"
            try await imported(Declaration(organizations: [renamed]), into: store)
            let before = try await contents(of: store)
            var first = declared("new-1")
            first.slug = "one"
            var second = declared("new-2")
            second.slug = "two"
            let attempt = Declaration(organizations: [renamed, first, second, declared("fine")])
            let expected = ImportRefusal(problems: [
                .slugTaken(slug: "one", by: OrganizationID("org-one")), .slugTaken(slug: "two", by: OrganizationID("org-two")),
            ])
            await #expect(throws: expected) { try await imported(attempt, into: store) }
            #expect(expected.description.contains("org-one"))
            #expect(try await contents(of: store) == before)
            // Its own old slug an organization may have again.
            try await imported(Declaration(organizations: [declared("two")]), into: store)
            #expect(try await store.read { try $0.organization(slug: "two") } != nil)
        }
    }

    @Test(
        "A declared member takes over who is there with the address, and keeps them over reloads",
        arguments: StoreFixture.allCases)
    func takeOver(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            try await imported(Declaration(organizations: [declared("acme")]), into: store)
            var provisioned = try member("alice", of: "acme")
            provisioned.authority = .provisioning
            provisioned.hasSignedIn = true
            let inserted = provisioned
            try await store.write { try $0.insertMember(inserted) }
            let alice = try declaredMember("alice", "alice@acme.example", roles: [RoleID("editor")])
            var declaration = Declaration(organizations: [declared("acme", members: [alice])])
            #expect(try await imported(declaration, into: store) == summary(changed: 1))
            provisioned.authority = .configuration
            provisioned.roles = [RoleID("editor")]
            #expect(try await store.read { try $0.members(of: inserted.organizationID, limit: 9) } == [provisioned])
            // The IdP changes the address; the file, something else: still the same member.
            try await store.write { try $0.setEmail(inserted.id, #require(EmailAddress("a.smith@acme.example"))) }
            declaration.organizations[0].members[0].roles = []
            #expect(try await imported(declaration, into: store) == summary(changed: 1))
            let members = try await store.read { try $0.members(of: inserted.organizationID, limit: 9) }
            #expect(members.map(\.id) == [inserted.id])
            #expect(members.map(\.roles) == [[]])
            try await imported(Declaration(organizations: [declared("acme")]), into: store)
            #expect(try await store.read { try $0.member(inserted.id)?.status } == .suspended)
        }
    }

    @Test(
        "An address that another declared member has taken does not stop the import, and is told each time",
        arguments: StoreFixture.allCases)
    func conflict(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            let alice = try declaredMember("alice", "alice@acme.example")
            try await imported(Declaration(organizations: [declared("acme", members: [alice])]), into: store)
            try await store.write { try $0.setEmail(alice.id, #require(EmailAddress("bob@acme.example"))) }
            let bob = try declaredMember("bob", "bob@acme.example")
            let both = Declaration(organizations: [declared("acme", members: [alice, bob]), declared("globex")])
            let expected = [ImportConflict(organizationID: OrganizationID("org-acme"), declaredID: bob.id, memberID: alice.id)]
            #expect(try await imported(both, into: store).conflicts == expected)
            #expect(try await imported(both, into: store).conflicts == expected)
            #expect(try await store.read { try $0.member(bob.id) } == nil)
            #expect(try await store.read { try $0.organization(slug: "globex") } != nil)
            try await store.write { try $0.setEmail(alice.id, alice.email) }
            #expect(try await imported(both, into: store) == summary(created: 1))
        }
    }

    @Test("A declared member's id that is another organization's member is refused", arguments: StoreFixture.allCases)
    func elsewhere(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            let alice = try declaredMember("alice", "alice@acme.example")
            try await imported(
                Declaration(organizations: [declared("acme", members: [alice]), declared("globex")]), into: store)
            let moved = Declaration(organizations: [declared("acme"), declared("globex", members: [alice])])
            await #expect(
                throws: ImportRefusal(problems: [.memberElsewhere(alice.id, organization: OrganizationID("org-acme"))])
            ) { try await imported(moved, into: store) }
        }
    }

    @Test("A declared link beside one made at run time is refused until that is severed", arguments: StoreFixture.allCases)
    func linkExists(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            var declaration = try sample()
            let links = declaration.externalConnections
            declaration.externalConnections = []
            try await imported(declaration, into: store)
            try await store.write { try $0.insertExternalConnection(link("theirs", from: "globex", to: "okta")) }
            declaration.externalConnections = links
            let attempt = declaration
            let id = ExternalConnectionID("ext-theirs")
            await #expect(throws: ImportRefusal(problems: [.linkExists(name: "borrowed", other: id)])) {
                try await imported(attempt, into: store)
            }
            try await store.write { try $0.setExternalConnectionStatus(id, .severed) }
            #expect(try await imported(attempt, into: store) == summary(created: 1))
        }
    }

    @Test("A renamed link takes its predecessor's place", arguments: StoreFixture.allCases)
    func renamedLink(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            var declaration = try sample()
            try await imported(declaration, into: store)
            let renamed = link("renamed", from: "globex", to: "okta")
            declaration.externalConnections = [.init(name: "renamed", externalConnection: renamed.externalConnection)]
            #expect(try await imported(declaration, into: store) == summary(created: 1, disabled: 1))
        }
    }

    @Test(
        "A pending link that the file takes over is active; a severed one stays severed",
        arguments: [
            (ExternalConnection.Status.pendingApproval, ExternalConnection.Status.active), (.pendingConfirmation, .active),
            (.disabled, .disabled), (.severed, .severed), (.active, .active),
        ])
    func takenOverLink(_ before: ExternalConnection.Status, _ after: ExternalConnection.Status) async throws {
        try await StoreFixture.sqlite.withStore { store in
            var declaration = try sample()
            let links = declaration.externalConnections
            declaration.externalConnections = []
            try await imported(declaration, into: store)
            var made = link("borrowed", from: "globex", to: "okta")
            made.externalConnection.status = before
            let inserted = made
            try await store.write { try $0.insertExternalConnection(inserted) }
            declaration.externalConnections = links
            #expect(try await imported(declaration, into: store) == summary(changed: 1))
            let id = inserted.externalConnection.id
            #expect(try await store.read { try $0.externalConnection(id)?.externalConnection.status } == after)
        }
    }

    @Test("What the file declares is not changed by the other way", arguments: StoreFixture.allCases)
    func managed(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            try await imported(sample(), into: store)
            let before = try await contents(of: store)
            let refused = StoreError.Code.constraint("managed by configuration")
            let acme = organization("acme")
            #expect(
                await storeErrorCode { try await store.write { try $0.updateOrganization(acme, customClaims: [:]) } } == refused
            )
            #expect(
                await storeErrorCode { try await store.write { try $0.updateConnection(connection("okta", of: "acme")) } }
                    == refused)
            #expect(
                await storeErrorCode {
                    try await store.write { try $0.updateExternalConnection(link("borrowed", from: "globex", to: "okta")) }
                } == refused)
            #expect(await storeErrorCode { try await store.write { try $0.setRole(Role(id: RoleID("editor"))) } } == refused)
            #expect(await storeErrorCode { try await store.write { try $0.deleteRole(RoleID("editor")) } } == refused)
            #expect(try await contents(of: store) == before)
        }
    }

    @Test("Things made at run time beside the declared ones are not touched", arguments: StoreFixture.allCases)
    func beside(_ fixture: StoreFixture) async throws {
        try await fixture.withStore { store in
            let declaration = try sample()
            try await imported(declaration, into: store)
            let initech = organization("initech")
            let bob = try member("bob", of: "acme")
            let mine = connection("mine", of: "acme")
            try await store.write { transaction in
                try transaction.insertOrganization(initech)
                try transaction.insertMember(bob)
                try transaction.insertConnection(mine)
                try transaction.setRole(Role(id: RoleID("mine")))
            }
            try await imported(Declaration(), into: store)
            #expect(try await store.read { try $0.organization(initech.id) } == initech)
            #expect(try await store.read { try $0.member(bob.id) } == bob)
            #expect(try await store.read { try $0.connection(mine.connection.id) } == mine)
            #expect(try await store.read { try $0.roles().map(\.id) } == [RoleID("mine")])
        }
    }
}
