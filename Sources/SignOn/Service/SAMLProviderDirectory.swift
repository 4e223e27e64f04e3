import SAML
import Tenancy

/// Fetches the metadata document at an address: its bytes, or `nil` when there was no good answer.
public typealias MetadataSource = @Sendable (_ url: String) async -> [UInt8]?

/// The IdP side of SAML connections: read from what the connection says, or fetched from its metadata URL
/// and kept fresh. One fetch at a time for each URL; the last good answer serves until its `validUntil`.
actor SAMLProviderDirectory {
    /// Time after which a fetched document is fetched again.
    static let refreshInterval: Duration = .seconds(3600)
    /// Time between two tries at a document that could not be had.
    static let retryInterval: Duration = .seconds(30)
    /// Longest time for which a document that can't be refreshed goes on serving when it states no `validUntil`.
    static let maximumStaleAge: Duration = .seconds(7 * 24 * 3600)
    static let maximumEntries = 10_000

    private struct Entry {
        var source: SAMLConnectionSettings.IdentityProviderSource
        var provider: IdentityProvider?
        var fetchedAt: Instant
        var triedAt: Instant
        var refusal: SignOnRefusal?
    }

    private var entries: [ConnectionID: Entry] = [:]
    private var fetches: [ConnectionID: Task<Result<IdentityProvider, SignOnRefusal>, Never>] = [:]
    private let source: MetadataSource
    private let clock: @Sendable () -> Instant

    init(source: @escaping MetadataSource, clock: @escaping @Sendable () -> Instant) {
        self.source = source
        self.clock = clock
    }

    func identityProvider(
        of id: ConnectionID, _ settings: SAMLConnectionSettings
    ) async -> Result<IdentityProvider, SignOnRefusal> {
        let now = clock()
        if let entry = entries[id], entry.source == settings.identityProvider {
            if let provider = entry.provider, isUsable(provider, entry, now: now) {
                if now >= entry.fetchedAt.advanced(by: Self.refreshInterval),
                    now >= entry.triedAt.advanced(by: Self.retryInterval), case .metadataURL(let url) = entry.source
                {
                    // Served stale while one task refreshes it.
                    entries[id]?.triedAt = now
                    refresh(id, source: entry.source, url: url)
                }
                return .success(provider)
            }
            if let refusal = entry.refusal, now < entry.triedAt.advanced(by: Self.retryInterval) { return .failure(refusal) }
        }
        switch settings.identityProvider {
        case .fields(let entityID, let url, let certificates):
            let made: Result<IdentityProvider, SignOnRefusal>
            do {
                made = .success(try IdentityProvider(entityID: entityID, singleSignOnURL: url, certificatesPEM: certificates))
            } catch {
                made = .failure(.saml(error))
            }
            return remember(made, id: id, source: settings.identityProvider)
        case .metadata(let text):
            let parsed = IdentityProvider.parse(metadata: Array(text.utf8), expectedEntityID: nil, now: now.milliseconds)
            return remember(parsed.mapError(SignOnRefusal.saml), id: id, source: settings.identityProvider)
        case .metadataURL(let url):
            return await refresh(id, source: settings.identityProvider, url: url).value
        }
    }

    private func isUsable(_ provider: IdentityProvider, _ entry: Entry, now: Instant) -> Bool {
        if let validUntil = provider.validUntil { return now.milliseconds < validUntil }
        if case .metadataURL = entry.source { return now < entry.fetchedAt.advanced(by: Self.maximumStaleAge) }
        return true
    }

    @discardableResult
    private func refresh(
        _ id: ConnectionID, source: SAMLConnectionSettings.IdentityProviderSource, url: String
    ) -> Task<Result<IdentityProvider, SignOnRefusal>, Never> {
        if let running = fetches[id] { return running }
        let known = entries[id].flatMap { $0.source == source ? $0.provider?.entityID : nil }
        let task = Task {
            let fetched = await fetch(url, expecting: known)
            fetches[id] = nil
            return remember(fetched, id: id, source: source)
        }
        fetches[id] = task
        return task
    }

    private func fetch(_ url: String, expecting entityID: String?) async -> Result<IdentityProvider, SignOnRefusal> {
        guard let document = await source(url) else { return .failure(.identityProviderMetadata("unreachable")) }
        return IdentityProvider.parse(metadata: document, expectedEntityID: entityID, now: clock().milliseconds)
            .mapError(SignOnRefusal.saml)
    }

    private func remember(
        _ result: Result<IdentityProvider, SignOnRefusal>, id: ConnectionID,
        source: SAMLConnectionSettings.IdentityProviderSource
    ) -> Result<IdentityProvider, SignOnRefusal> {
        let now = clock()
        let former = entries[id].flatMap { $0.source == source ? $0 : nil }
        if entries.count >= Self.maximumEntries, entries[id] == nil { entries.removeAll() }
        switch result {
        case .success(let provider):
            entries[id] = Entry(source: source, provider: provider, fetchedAt: now, triedAt: now, refusal: nil)
        case .failure(let refusal):
            // A refresh that fails leaves the last good answer in place.
            entries[id] = Entry(
                source: source, provider: former?.provider, fetchedAt: former?.fetchedAt ?? now, triedAt: now, refusal: refusal)
        }
        return result
    }
}
