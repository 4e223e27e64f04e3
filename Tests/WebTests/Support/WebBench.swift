import Foundation
import Logging
import OIDC
import SignOn
import Storage
import Synchronization
import Tenancy

@testable import Web

/// Web over a real store with two organizations; the clock of its answers is moved by hand.
final class WebBench: Sendable {
    let clock = HandClock()
    let application: WebApplication
    private let folder: String
    private let work = Work()

    /// What a question takes by the clock of the answers.
    private final class Work: Sendable {
        private let next = Mutex(Duration.zero)
        func set(_ duration: Duration) { next.withLock { $0 = duration } }
        func take() -> Duration {
            next.withLock { next in
                defer { next = .zero }
                return next
            }
        }
    }

    /// Providers of any issuer, in memory.
    private struct Providers: Fetcher {
        struct Unreachable: Error {}
        func send(_ request: OutgoingRequest) async throws -> IncomingResponse {
            let suffix = "/.well-known/openid-configuration"
            guard request.url.hasSuffix(suffix) else { throw Unreachable() }
            let issuer = request.url.dropLast(suffix.count)
            let document = """
                {"issuer": "\(issuer)", "authorization_endpoint": "\(issuer)/authorize", "token_endpoint": "\(issuer)/token",
                 "jwks_uri": "\(issuer)/jwks", "response_types_supported": ["code"]}
                """
            return IncomingResponse(
                status: 200, headers: [HeaderField(name: "Content-Type", value: "application/json")], body: Array(document.utf8))
        }
    }

    init(discoveriesPerMinute: Int = 1000) async throws {
        folder = NSTemporaryDirectory() + "web-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let store = try await Store.open(.sqlite(path: folder + "/gateway.db"), polling: .manual)
        try await store.write { try Self.populate($0) }
        let random: @Sendable (Int) -> [UInt8] = { (0..<$0).map { _ in .random(in: 0...255) } }
        let keys = AssertionKeyRing(store: store, randomBytes: random)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let signOn = SignOnService(
            store: store, providers: ProviderDirectory(fetcher: Providers(), clock: { 1_800_000_000_000 }), metadata: { _ in nil },
            keys: keys,
            settings: SignOnSettings(
                externalOrigin: "https://auth.example", idleTimeout: .seconds(3600), lifetime: .seconds(7200), storeGrace: .seconds(30),
                signInsPerMinutePerAddress: 1000, discoveriesPerMinutePerAddress: discoveriesPerMinute,
                routes: RoutePlan(hosts: [.organizationLabel(suffix: "wiki.example")], scheme: "https", port: nil)),
            logger: logger,
            clock: { [clock, work] in
                clock.advance(by: work.take())
                return Instant(seconds: 1_800_000_000)
            }, randomBytes: random)
        application = try WebApplication(signOn: signOn, keys: keys, logger: logger, clock: clock)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Acme makes members of whoever has an address of acme.example; Globex lists globex.example and makes none.
    private static func populate(_ transaction: WriteTransaction) throws {
        func organization(_ slug: String, _ provisioning: ProvisioningPolicy) throws -> OrganizationID {
            let id = OrganizationID("organization-" + slug)
            try transaction.insertOrganization(
                Organization(
                    id: id, slug: slug, name: slug, createdAt: Instant(seconds: 1),
                    allowedDomains: EmailDomain(slug + ".example").map { [.init(domain: $0, authority: .configuration)] } ?? [],
                    provisioning: provisioning))
            try transaction.insertConnection(
                StoredConnection(
                    name: slug,
                    connection: Connection(id: ConnectionID("connection-" + slug), displayName: slug, organizationID: id, kind: .oidc),
                    settings: .oidc(
                        OIDCConnectionSettings(issuer: "https://\(slug)-idp.example", clientID: "1", clientSecret: nil))))
            return id
        }
        func member(
            _ email: String, of id: OrganizationID, _ status: Member.Status = .active, authority: Authority = .configuration
        ) throws {
            guard let email = EmailAddress(email) else { return }
            try transaction.insertMember(
                Member(
                    id: MemberID("member-\(email)-\(id)"), organizationID: id, email: email, status: status, authority: authority))
        }
        let acme = try organization("acme", .allAllowed)
        let globex = try organization("globex", .notAllowed)
        try member("alice@acme.example", of: acme)
        try member("sue@acme.example", of: acme, .suspended)
        try member("bob@globex.example", of: globex)
        try member("sid@globex.example", of: globex, .suspended)
        try member("dora@globex.example", of: globex, .deleted)
        // Her organization's administrator entered the address; she has not been there.
        try member("ivy@globex.example", of: globex, authority: .organizationAdministrator)
        for id in [acme, globex] { try member("carol@several.example", of: id) }
    }

    /// Types an address on the sign-in page; to find the answer takes `duration`.
    func discover(_ email: String?, taking duration: Duration = .zero, origin: String = "https://auth.example") async -> WebResponse {
        work.set(duration)
        let form = email.map { "email=" + $0.replacingOccurrences(of: "@", with: "%40") } ?? ""
        return await application.respond(
            to: WebRequest(
                method: "POST", host: "auth.example", origin: "https://auth.example", path: "/.gateway/sign-in", query: nil,
                headers: [("content-type", "application/x-www-form-urlencoded"), ("origin", origin)], body: Array(form.utf8),
                clientAddress: "192.0.2.1", requestID: "request-1", purpose: .own))
    }
}
