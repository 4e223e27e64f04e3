import Tenancy
import Testing

@Suite("What a session reaches")
struct ReachTests {
    private static func ways(home: OrganizationID = umbrella, _ evidence: Evidence = evidence(), in world: World) -> [OrganizationID: Reach
        .Way]
    {
        let session = Session(
            memberID: MemberID("alice"), organizationID: home, evidence: evidence, expiresAt: Instant(seconds: 90_000))
        guard case .reach(let places) = decide(.reach(session), in: world).outcome else { return [:] }
        return Dictionary(places.map { ($0.organizationID, $0.way) }) { first, _ in first }
    }

    @Test("members enter, whom R6 permits may join, and nobody else sees the organization")
    func clicks() {
        let world = town {
            $0.organizations[acme]?.provisioning = .allAllowed
            $0.add("alice", to: globex)
            $0.add("bob", to: initech, email: bob)
        }
        #expect(Self.ways(in: world) == [acme: .join, globex: .enter])
    }

    @Test("where the person already is, the session only goes on")
    func home() {
        var world = town { $0.organizations[globex]?.provisioning = .allAllowed }
        world.externalConnections[globexLink]?.provisions = true
        #expect(Self.ways(home: globex, in: world) == [:])
        world.add("alice", to: globex)
        world.link("alice", in: globex)
        #expect(Self.ways(home: globex, in: world) == [globex: .enter])
    }

    /// Globex knows the subject and has a connection of its own; the link through which it did is severed.
    private static let severed = town {
        $0.add("alice", to: globex)
        $0.link("alice", in: globex)
        $0.addConnection("globex-adfs", of: globex)
        $0.externalConnections[globexLink]?.status = .severed
    }

    @Test("a member whom this sign-in no longer lets in is told that another one may")
    func anotherSignIn() {
        #expect(Self.ways(in: Self.severed) == [globex: .signInAnew])
    }

    static let hidden: [(String, @Sendable (inout World) -> Void)] = [
        ("the subject was never recognized there, the address alone matches", { $0.subjectLinks = [] }),
        ("there is no other connection", { $0.connections[ConnectionID("globex-adfs")] = nil }),
        ("the other connection is disabled", { $0.connections[ConnectionID("globex-adfs")]?.status = .disabled }),
        ("the member is suspended", { $0.members[MemberID("alice")]?.status = .suspended }),
        (
            "somebody else with the address is deleted",
            {
                $0.members[MemberID("alice")]?.email = bob
                $0.add("former", to: globex, status: .deleted)
            }
        ),
        ("the organization is suspended", { $0.organizations[globex]?.status = .suspended }),
        ("the connection of the sign-in is disabled", { $0.connections[okta]?.status = .disabled }),
        ("the connection does not sign this person in any more", { $0.connections[okta]?.emailDomains = [] }),
    ]

    @Test("and is told nothing where", arguments: hidden.indices)
    func nothing(index: Int) {
        let (sentence, change) = Self.hidden[index]
        var world = Self.severed
        change(&world)
        #expect(Self.ways(in: world) == [:], "\(sentence)")
    }

    @Test("an address tells of an organization only if that accepts the connection and only the member is out of reach")
    func address() {
        let accepting = town {
            $0.add("alice", to: globex, roles: [.administrator])
            $0.addConnection("globex-adfs", of: globex)
        }
        #expect(Self.ways(in: accepting) == [globex: .signInAnew])
        #expect(Self.ways(evidence(verification: .unverified), in: accepting) == [:])
        var listed = accepting
        listed.externalConnections[globexLink]?.emailDomains = []
        #expect(Self.ways(in: listed) == [:])
        var changed = accepting
        changed.link("alice", in: globex, subject: "somebody-else")
        #expect(Self.ways(in: changed) == [:], "the address is somebody else's until an administrator says otherwise")
    }
}
