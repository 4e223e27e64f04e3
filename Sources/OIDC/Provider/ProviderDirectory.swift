/// The metadata and keys of all providers: fetched once for all who wait, cached by their headers
/// within bounds, used a little longer while a new document is fetched or the provider is away.
///
/// Every issuer has its own documents and its own fetches, so a provider that hangs holds up its
/// own sign-ins only. The number of issuers in memory is bounded; the least recently used goes.
public actor ProviderDirectory {
    /// Issuers in memory unless told otherwise. What an entry holds is bounded by the document sizes.
    public static let defaultMaximumIssuers = 4096

    struct Entry: Sendable {
        var metadata = CachedDocument<ProviderMetadata>()
        var keys = CachedDocument<JSONWebKeySet>()
        /// Where `keys` come from. When the metadata name another place, they are given up.
        var keySetURL: EndpointURL?
        /// When an unknown key last made us ask for the keys.
        var unknownKeyRefreshAt: Int64?
        var lastUse: UInt64 = 0
    }

    typealias DocumentPath<Value> = WritableKeyPath<Entry, CachedDocument<Value>> & Sendable
    typealias Load<Value> = @Sendable () async -> Result<(value: Value, freshness: Int64), ProviderRefusal>

    nonisolated let fetcher: any Fetcher
    private let clock: @Sendable () -> Int64
    private let maximumIssuers: Int
    private var entries: [String: Entry] = [:]
    private var useCount: UInt64 = 0
    private var fetchCount: UInt64 = 0

    /// - Parameters:
    ///   - clock: milliseconds since 1970.
    ///   - maximumIssuers: at least 1.
    public init(
        fetcher: any Fetcher, clock: @escaping @Sendable () -> Int64,
        maximumIssuers: Int = ProviderDirectory.defaultMaximumIssuers
    ) {
        self.fetcher = fetcher
        self.clock = clock
        self.maximumIssuers = max(1, maximumIssuers)
    }

    /// What the provider says about itself.
    public func metadata(issuer: String) async -> Result<ProviderMetadata, ProviderRefusal> {
        guard let url = ProviderMetadata.discoveryURL(issuer: issuer) else { return .failure(.issuerNotAccepted) }
        touch(issuer)
        let fetcher = fetcher
        return await document(\.metadata, issuer: issuer) {
            await fetcher.document(
                url: url, maximumBytes: Bounds.maximumMetadataBytes, unavailable: .metadataUnavailable
            ) { ProviderMetadata.parse($0, issuer: issuer) }
        }.map(\.value)
    }

    /// The provider's keys.
    public func keys(issuer: String) async -> Result<JSONWebKeySet, ProviderRefusal> {
        await heldKeys(issuer: issuer).map(\.value)
    }
}

// MARK: - Keys

extension ProviderDirectory {
    func heldKeys(issuer: String) async -> Result<CachedDocument<JSONWebKeySet>.Held, ProviderRefusal> {
        switch await metadata(issuer: issuer) {
        case .failure(let refusal): return .failure(refusal)
        case .success(let metadata):
            useKeySet(at: metadata.keySetURL, issuer: issuer)
            return await document(\.keys, issuer: issuer, load: loadKeys(from: metadata.keySetURL))
        }
    }

    /// The keys after a token was signed with none of those in `seen`: newer ones if there are any
    /// by now, else those of one fetch that everybody shares. At most one such fetch per issuer and
    /// interval, however many tokens with invented key ids arrive; otherwise `nil` at once.
    func newerKeys(
        issuer: String, than seen: CachedDocument<JSONWebKeySet>.Held
    ) async -> CachedDocument<JSONWebKeySet>.Held? {
        guard case .success(let metadata) = await metadata(issuer: issuer) else { return nil }
        useKeySet(at: metadata.keySetURL, issuer: issuer)
        let entry = entries[issuer, default: Entry()]
        if let held = entry.keys.held, held.fetchID != seen.fetchID { return held }
        if let inFlight = entry.keys.inFlight {
            _ = await inFlight.fetch.value
        } else {
            let now = clock()
            if let last = entry.unknownKeyRefreshAt, last <= now, now < last + ProviderTimes.unknownKeyRefreshInterval {
                return nil
            }
            entries[issuer, default: Entry()].unknownKeyRefreshAt = now
            _ = await beginFetch(\.keys, issuer: issuer, load: loadKeys(from: metadata.keySetURL)).value
        }
        guard let held = entries[issuer]?.keys.held, held.fetchID != seen.fetchID else { return nil }
        return held
    }

    private func loadKeys(from url: EndpointURL) -> Load<JSONWebKeySet> {
        let fetcher = fetcher
        return {
            await fetcher.document(
                url: url.text, maximumBytes: Bounds.maximumKeySetBytes, unavailable: .keysUnavailable
            ) { JSONWebKeySet.parse($0).map { .success($0) } ?? .failure(.keysMalformed) }
        }
    }

    private func useKeySet(at url: EndpointURL, issuer: String) {
        guard entries[issuer]?.keySetURL != url else { return }
        entries[issuer, default: Entry()].keys = CachedDocument()
        entries[issuer, default: Entry()].keySetURL = url
    }
}

// MARK: - Documents

extension ProviderDirectory {
    private func document<Value: Sendable>(
        _ path: DocumentPath<Value>, issuer: String, load: @escaping Load<Value>
    ) async -> Result<CachedDocument<Value>.Held, ProviderRefusal> {
        let fetch: CachedDocument<Value>.Fetch
        switch entries[issuer, default: Entry()][keyPath: path].next(now: clock()) {
        case .use(let held): return .success(held)
        case .useAndFetch(let held):
            _ = beginFetch(path, issuer: issuer, load: load)
            return .success(held)
        case .refuse(let refusal): return .failure(refusal)
        case .wait(let running): fetch = running
        case .fetch: fetch = beginFetch(path, issuer: issuer, load: load)
        }
        return await fetch.value
    }

    /// The fetch is a task of its own: a caller who gives up must not end it for the others.
    private func beginFetch<Value: Sendable>(
        _ path: DocumentPath<Value>, issuer: String, load: @escaping Load<Value>
    ) -> CachedDocument<Value>.Fetch {
        fetchCount += 1
        let fetchID = fetchCount
        let fetch = Task {
            let result = await load()
            return self.finishFetch(path, issuer: issuer, fetchID: fetchID, result)
        }
        entries[issuer, default: Entry()][keyPath: path].began(fetch, fetchID: fetchID)
        return fetch
    }

    private func finishFetch<Value: Sendable>(
        _ path: DocumentPath<Value>, issuer: String, fetchID: UInt64,
        _ loaded: Result<(value: Value, freshness: Int64), ProviderRefusal>
    ) -> Result<CachedDocument<Value>.Held, ProviderRefusal> {
        let now = clock()
        let result = loaded.map {
            CachedDocument.Held(value: $0.value, now: now, freshness: $0.freshness, fetchID: fetchID)
        }
        // An issuer that was evicted meanwhile stays so.
        entries[issuer]?[keyPath: path].finished(fetchID: fetchID, now: now, result)
        return result
    }

    private func touch(_ issuer: String) {
        if entries[issuer] == nil, entries.count >= maximumIssuers,
            let leastRecentlyUsed = entries.min(by: { $0.value.lastUse < $1.value.lastUse })?.key
        {
            entries[leastRecentlyUsed] = nil
        }
        useCount += 1
        entries[issuer, default: Entry()].lastUse = useCount
    }

    /// How many issuers are in memory.
    var issuerCount: Int { entries.count }
}
