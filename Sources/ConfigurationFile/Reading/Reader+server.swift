import Tenancy

/// What is not about the tenancy: the top of the file, `[tls]`, `[admin]`, `[session]`, `[limits]`, `[audit]`, `[fetch]`.
struct ServerDraft {
    var externalURL: Located<Origin>?
    var listen: [Located<ListenAddress>]
    var store: StoreLocation
    var unixSocketMode: UInt32
    var trustedProxies: [Network]
    var trustsUnixSockets: Bool
    var proxyProtocolFrom: [Network]
    var tls: TLSSettings?
    var admin: Admin?
    var projectID: String
    var session: SessionSettings
    var limits: Limits
    var audit: AuditSettings
    var fetch: FetchSettings
    var log: LogSettings
}

extension Reader {
    static let defaultStorePath = "/var/lib/gateway/gateway.db"

    func server(_ root: Section<RootKey>) -> ServerDraft {
        root.require(.externalURL)
        let externalURL = root.parsed(.externalURL, Self.externalURL)
        root.require(.listen)
        let listen = root.parsedList(.listen, Self.listenAddress) ?? []
        if root.has(.listen), listen.isEmpty, root.strings(.listen)?.isEmpty == true {
            root.error(.listen, "the list is empty: name at least one address to listen on")
        }
        let trusted = root.parsedList(.trustedProxies, Self.trustedProxy) ?? []
        let trustedProxies = trusted.compactMap { proxy in proxy.value.network.map { Located(value: $0, line: proxy.line) } }
        for proxy in trustedProxies where proxy.value.prefixLength == 0 {
            problems.error(
                proxy.line,
                "`trusted_proxies`: \(proxy.value) is every address: any client could say where it comes from; list your proxies")
        }
        let proxyProtocolFrom = root.parsedList(.proxyProtocolFrom, Self.network) ?? []
        for proxy in proxyProtocolFrom where proxy.value.prefixLength == 0 {
            problems.error(
                proxy.line, "`proxy_protocol_from`: \(proxy.value) is every address: any client could say who it is; list your proxies")
        }
        let tls = root.section(.tls, TLSKey.self)
        let tlsSettings = tls.flatMap { self.tls($0) }
        for address in listen {
            if !address.value.isLocal, tls == nil, !root.has(.trustedProxies) || root.strings(.trustedProxies)?.isEmpty == true {
                problems.error(
                    address.line,
                    "`listen`: \(address.value) is plain HTTP off loopback: add [tls], listen on 127.0.0.1, or list in trusted_proxies the proxy that ends TLS in front of it"
                )
            }
        }
        let adminSection = root.section(.admin, AdminKey.self)
        let admin = adminSection.flatMap { self.admin($0, dataListen: listen) }
        let declaredProjectID = adminSection.flatMap { self.projectID($0) }
        let fallback = externalURL.map { IdentifierDerivation.projectID(of: $0.value) } ?? "project-test-unknown"
        return ServerDraft(
            externalURL: externalURL, listen: listen, store: store(root), unixSocketMode: unixSocketMode(root),
            trustedProxies: trustedProxies.map(\.value), trustsUnixSockets: trusted.contains { $0.value == .unixSockets },
            proxyProtocolFrom: proxyProtocolFrom.map(\.value), tls: tlsSettings, admin: admin, projectID: declaredProjectID ?? fallback,
            session: root.section(.session, SessionSettingsKey.self).map { self.session($0) } ?? SessionSettings(),
            limits: root.section(.limits, LimitsKey.self).map { self.limits($0) } ?? Limits(),
            audit: root.section(.audit, AuditKey.self).map { self.audit($0) } ?? AuditSettings(),
            fetch: root.section(.fetch, FetchKey.self).map { self.fetch($0) } ?? FetchSettings(),
            log: root.section(.log, LogKey.self).map { self.log($0) } ?? LogSettings())
    }

    /// Three or four octal digits.
    private func unixSocketMode(_ root: Section<RootKey>) -> UInt32 {
        root.parsed(.unixSocketMode) { text in
            guard (3...4).contains(text.utf8.count), let mode = UInt32(text, radix: 8), mode <= 0o777, mode & 0o600 == 0o600 else {
                return .failure(Advice("write octal permissions that let the owner read and write, such as \"0660\""))
            }
            return .success(mode)
        }?.value ?? 0o660
    }

    enum TrustedProxy: Equatable {
        case network(Network)
        case unixSockets

        var network: Network? { if case .network(let network) = self { network } else { nil } }
    }

    private static func trustedProxy(_ text: String) -> Result<TrustedProxy, Advice> {
        text == "unix" ? .success(.unixSockets) : network(text).map { .network($0) }
    }

    static func externalURL(_ text: String) -> Result<Origin, Advice> {
        WebURL.parse(text).flatMap { url in
            guard url.path.isEmpty, url.query == nil, url.fragment == nil else {
                return .failure(Advice("write scheme and host alone, such as \(url.origin.text)"))
            }
            // `iss` is compared byte by byte: one spelling.
            guard url.text == url.origin.text else { return .failure(Advice("write it as \(url.origin.text)")) }
            return plainHTTPAdvice(url.origin).map { .failure($0) } ?? .success(url.origin)
        }
    }

    /// Why plain http is refused for an origin; `nil` if it is not.
    static func plainHTTPAdvice(_ origin: Origin) -> Advice? {
        origin.scheme == .https || origin.isLoopback
            ? nil : Advice("plain http is accepted for loopback addresses and localhost names only: use https")
    }

    static func listenAddress(_ text: String) -> Result<ListenAddress, Advice> {
        if let address = ListenAddress(text) { return .success(address) }
        return .failure(
            Advice(
                text.hasPrefix("localhost:")
                    ? "write the address, 127.0.0.1 or [::1]: a name can mean several"
                    : "write ADDRESS:PORT, such as 127.0.0.1:8080, 0.0.0.0:443 or [::1]:8080, unix:/PATH, or systemd:NAME"))
    }

    static func network(_ text: String) -> Result<Network, Advice> {
        switch Network.parse(text) {
        case .success(let network): .success(network)
        case .failure(.malformed): .failure(Advice("write a network such as 10.0.0.0/8 or fd00::/8, or one address"))
        case .failure(.hostBits):
            .failure(Advice("bits after the prefix are set: write the first address of the network, or one address without /"))
        }
    }

    private func store(_ root: Section<RootKey>) -> StoreLocation {
        let fallback = StoreLocation.sqlite(path: Self.defaultStorePath)
        // Not `parsed`: the URL can hold a password, and is never echoed.
        guard let text = root.string(.store) else { return fallback }
        if text.value.hasPrefix("postgresql://") {
            NotServedYet.check(.postgresqlStore, at: text.line, problems)
            return .postgresql(url: text.value)
        }
        let path = text.value.dropFirst("sqlite:".count)
        guard text.value.hasPrefix("sqlite:"), !path.isEmpty, !path.hasPrefix(":"), !path.hasPrefix("//"), !path.hasSuffix("/") else {
            root.error(.store, "write sqlite: and the path of a file, such as sqlite:\(Self.defaultStorePath)")
            return fallback
        }
        return .sqlite(path: files.absolutePath(String(path)))
    }

    // MARK: [admin]

    private func projectID(_ section: Section<AdminKey>) -> String? {
        section.parsed(.projectID) { text in
            IdentifierDerivation.isWellFormed(text, .project)
                ? .success(text) : .failure(Advice("write project-live- or project-test- and letters, digits and hyphens"))
        }?.value
    }

    private func admin(_ section: Section<AdminKey>, dataListen: [Located<ListenAddress>]) -> Admin? {
        section.require(.listen)
        let listen = section.parsedList(.listen, Self.listenAddress) ?? []
        if section.has(.listen), section.strings(.listen)?.isEmpty == true {
            section.error(.listen, "the list is empty: name an address, or remove [admin]")
        }
        let tls = section.section(.tls, TLSKey.self)
        let tlsSettings = tls.flatMap { self.tls($0) }
        for address in listen {
            if !address.value.isLocal, tls == nil {
                problems.error(
                    address.line, "`admin.listen`: \(address.value) is off loopback without TLS: listen on 127.0.0.1, or add admin.tls")
            }
            if dataListen.contains(where: { $0.value == address.value && !address.value.hasSystemChosenPort }) {
                problems.error(
                    address.line, "`admin.listen`: \(address.value) is in `listen` too: give the management API an address of its own")
            }
        }
        if !section.has(.secret), !section.has(.secretFile) { problems.error(section.line, "[admin] needs `secret_file`") }
        let secret = self.secret(section, inline: .secret, file: .secretFile)
        let publicToken = section.parsed(.publicToken) { text in
            text.utf8.count <= 128 && text.utf8.allSatisfy { $0.isURLUnreserved }
                ? .success(text) : .failure(Advice("write at most 128 letters, digits and hyphens"))
        }
        for key in [AdminKey.redirectURLs, .allowedOrigins] where section.strings(key)?.isEmpty == false && !section.has(.publicToken) {
            section.error(key, "has no effect without `public_token`: add it")
        }
        let redirectURLs = section.parsedList(.redirectURLs, Self.redirectURL) ?? []
        let origins = section.parsedList(.allowedOrigins, Self.externalURL) ?? []
        guard let secret else { return nil }
        return Admin(
            listen: listen.map(\.value), projectID: projectID(section), secret: secret, publicToken: publicToken?.value,
            redirectURLs: redirectURLs.map(\.value), allowedOrigins: origins.map(\.value), tls: tlsSettings)
    }

    private static func redirectURL(_ text: String) -> Result<String, Advice> {
        WebURL.parse(text).flatMap { url in
            // The token is appended to the query; a fragment would swallow it in the browser.
            guard url.fragment == nil else { return .failure(Advice("remove the fragment")) }
            return plainHTTPAdvice(url.origin).map { .failure($0) } ?? .success(text)
        }
    }

    // MARK: [session], [audit], [fetch]

    private static let sessionTimes: ClosedRange<Duration> = .seconds(60) ... .seconds(366 * 86_400)
    private static let graceTimes: ClosedRange<Duration> = .zero ... .seconds(300)

    private func session(_ section: Section<SessionSettingsKey>) -> SessionSettings {
        var settings = SessionSettings()
        let idle = section.duration(.idleTimeout, in: Self.sessionTimes)
        let lifetime = section.duration(.lifetime, in: Self.sessionTimes)
        settings.lifetime = lifetime?.value ?? settings.lifetime
        if let idle, idle.value > settings.lifetime {
            section.error(
                .idleTimeout,
                "it is longer than `lifetime` (\(DurationText.text(settings.lifetime))): no session could ever be idle that long; shorten it"
            )
        }
        settings.idleTimeout = min(idle?.value ?? settings.idleTimeout, settings.lifetime)
        settings.storeGrace = section.duration(.storeGrace, in: Self.graceTimes)?.value ?? settings.storeGrace
        settings.customClaims = customClaims(section, .customClaims)
        return settings
    }

    /// Below a day, last night's incident is gone in the morning; ten years is the longest that anybody is asked for.
    private static let retentionTimes: ClosedRange<Duration> = .seconds(86_400) ... .seconds(3660 * 86_400)

    private func audit(_ section: Section<AuditKey>) -> AuditSettings {
        var settings = AuditSettings()
        settings.retention = section.duration(.retention, in: Self.retentionTimes)?.value ?? settings.retention
        return settings
    }

    private func fetch(_ section: Section<FetchKey>) -> FetchSettings {
        var settings = FetchSettings()
        let networks = section.parsedList(.allowNetworks, Self.network) ?? []
        for network in networks where network.value.prefixLength == 0 {
            problems.warning(
                network.line,
                "`allow_networks`: \(network.value) is every address: whoever can set an IdP's URL can reach every machine that the gateway can; list the networks of your IdPs"
            )
        }
        settings.allowNetworks = networks.map(\.value)
        return settings
    }

    /// Claims of `[session]` and of organizations.
    func customClaims<Key>(_ section: Section<Key>, _ key: Key) -> [String: String] {
        var claims: [String: String] = [:]
        for (name, text) in section.stringTable(key) ?? [] {
            if ClaimTemplate.reserved.contains(name) {
                problems.error(text.line, "`\(key.rawValue)`: `\(name)` is a claim of the gateway's own: choose another name")
            } else if let advice = ClaimTemplate.advice(for: text.value) {
                problems.error(text.line, "`\(key.rawValue)`: `\(name)`: \(advice)")
            } else {
                claims[name] = text.value
            }
        }
        return claims
    }
}

extension ListenAddress {
    fileprivate var hasSystemChosenPort: Bool {
        switch self {
        case .tcp(_, let port): port == 0
        case .unix, .systemd: false
        }
    }
}
