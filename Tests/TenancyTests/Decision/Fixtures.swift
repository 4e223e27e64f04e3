import Tenancy
import Testing

// One small town. Acme owns the connection "okta". Globex and Initech, both older, accept it through external
// connections. Hooli has nothing to do with it; exchanges come from sessions in Umbrella. Everything is active
// and nobody is a member.

let acme = OrganizationID("acme")
let globex = OrganizationID("globex")
let initech = OrganizationID("initech")
let hooli = OrganizationID("hooli")
let umbrella = OrganizationID("umbrella")
let okta = ConnectionID("okta")
let oktaOwned = AcceptedConnection.owned(okta)
let globexLink = ExternalConnectionID("globex-via-acme")
let initechLink = ExternalConnectionID("initech-via-acme")

func organization(_ id: OrganizationID, created: Int64) -> Organization {
    Organization(id: id, slug: id.rawValue, name: id.rawValue, createdAt: Instant(seconds: created))
}

func town(_ change: (inout World) -> Void = { _ in }) -> World {
    var world = World(
        organizations: [
            organization(acme, created: 400), organization(globex, created: 100), organization(initech, created: 200),
            organization(hooli, created: 50), organization(umbrella, created: 60),
        ],
        connections: [
            Connection(id: okta, displayName: "Okta", organizationID: acme, kind: .oidc),
            Connection(id: ConnectionID("hooli-adfs"), displayName: "ADFS", organizationID: hooli, kind: .saml),
        ],
        externalConnections: [
            ExternalConnection(id: globexLink, displayName: "Acme", borrowerID: globex, connectionID: okta),
            ExternalConnection(id: initechLink, displayName: "Acme", borrowerID: initech, connectionID: okta),
        ])
    change(&world)
    return world
}

func address(_ text: String) -> EmailAddress {
    guard let address = EmailAddress(text) else { fatalError("the test names something that is no address: \(text)") }
    return address
}

let acmeDomain = address("alice@acme.example").domain
let alice = address("alice@acme.example")
let bob = address("bob@acme.example")

extension World {
    @discardableResult
    mutating func add(
        _ id: String, to organizationID: OrganizationID, email: EmailAddress = alice, status: Member.Status = .active,
        roles: Set<RoleID> = [], authority: Authority = .project, hasSignedIn: Bool = false
    ) -> MemberID {
        let id = MemberID(id)
        members[id] = Member(
            id: id, organizationID: organizationID, email: email, status: status, roles: roles, authority: authority,
            hasSignedIn: hasSignedIn)
        return id
    }

    /// Links the member as the subject of `evidence()`, unless told otherwise.
    mutating func link(
        _ id: String, in organizationID: OrganizationID, through connectionID: ConnectionID = okta,
        issuer: String = "https://okta.example", subject: String = "s-alice"
    ) {
        subjectLinks.insert(
            SubjectLink(
                memberID: MemberID(id), organizationID: organizationID, connectionID: connectionID, issuer: issuer,
                subject: subject))
    }

    mutating func addConnection(_ id: String, of organizationID: OrganizationID, displayName: String = "") {
        let id = ConnectionID(id)
        connections[id] = Connection(id: id, displayName: displayName, organizationID: organizationID, kind: .oidc)
    }

    mutating func addLink(_ id: String, of borrowerID: OrganizationID, to connectionID: ConnectionID) {
        let id = ExternalConnectionID(id)
        externalConnections[id] = ExternalConnection(
            id: id, displayName: "", borrowerID: borrowerID, connectionID: connectionID)
    }
}

func evidence(
    email: EmailAddress? = alice, subject: String = "s-alice", verification: Evidence.EmailVerification = .verified,
    groups: [String] = [], claims: [String: [String]] = [:]
) -> Evidence {
    Evidence(
        connectionID: okta, issuer: "https://okta.example", subject: subject, email: email,
        emailVerification: verification, groups: groups, claims: claims, authenticatedAt: Instant(seconds: 1000))
}

/// A sign-in attempt at one of the places where the rules are asked.
struct Attempt: Sendable {
    enum Entry: Sendable, CustomTestStringConvertible {
        case landing(SignInTarget)
        /// From a session in Umbrella.
        case exchange(OrganizationID, byClick: Bool)
        case continuation(String, OrganizationID)

        var testDescription: String {
            switch self {
            case .landing(.rootConnection): "landing at the root connection"
            case .landing(.externalConnection): "landing at the external connection"
            case .landing(.organization): "landing at the organization"
            case .exchange(_, let byClick): byClick ? "exchange by click" : "silent exchange"
            case .continuation: "refresh"
            }
        }
    }

    var entry: Entry
    var evidence: Evidence
    var world: World
    var destination: Destination = .anywhere

    init(_ entry: Entry, _ evidence: Evidence = TenancyTests.evidence(), in world: World) {
        self.entry = entry
        self.evidence = evidence
        self.world = world
    }

    var decision: Decision {
        switch entry {
        case .landing(let target): decide(.landing(target, evidence, destination), in: world)
        case .exchange(let organizationID, let byClick):
            decide(.exchange(session("elsewhere", in: umbrella), into: organizationID, byClick: byClick), in: world)
        case .continuation(let member, let organizationID):
            decide(.continuation(session(member, in: organizationID)), in: world)
        }
    }

    private func session(_ member: String, in organizationID: OrganizationID) -> Session {
        Session(
            memberID: MemberID(member), organizationID: organizationID, evidence: evidence,
            expiresAt: Instant(seconds: 90_000))
    }

    func with(_ change: (inout Attempt) -> Void) -> Attempt {
        var copy = self
        change(&copy)
        return copy
    }
}

/// A clause of the rules: what is admitted, and the one change that makes it refused.
struct Clause: Sendable, CustomTestStringConvertible {
    let sentence: String
    let control: Attempt
    let refusal: Refusal
    let broken: Attempt

    init(_ sentence: String, _ control: Attempt, _ refusal: Refusal, when change: (inout Attempt) -> Void) {
        self.sentence = sentence
        self.control = control
        self.refusal = refusal
        broken = control.with(change)
    }

    var testDescription: String { sentence }
}

extension Decision {
    var admission: Admission? {
        if case .admit(let admission) = outcome { admission } else { nil }
    }

    var refusal: Refusal? {
        if case .refuse(let refusal) = outcome { refusal } else { nil }
    }
}
