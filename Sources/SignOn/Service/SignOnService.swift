import Logging
import OIDC
import Storage
import Synchronization
import Tenancy

/// The flows, over one store. Safe to call from any number of tasks; holds no state of a flow itself.
public final class SignOnService: Sendable {
    /// From a start to its callback.
    static let flowLifetime: Duration = .seconds(600)
    /// From a SAML POST to the request that brings the cookie (contract: at most 5 minutes).
    static let parkingLifetime: Duration = .seconds(300)
    /// From landing to `finish` (contract: at most 60 seconds).
    static let handOffLifetime: Duration = .seconds(60)
    /// Flows that one browser may have open; the oldest gives way. About 1 KiB each.
    static let maximumFlowsPerBrowser = 20
    /// Flows, parked responses or hand-offs in all, of each kind; the oldest gives way.
    static let maximumRecords = 200_000

    let store: Store
    let providers: ProviderDirectory
    let samlProviders: SAMLProviderDirectory
    let keys: AssertionKeyRing
    let clock: @Sendable () -> Instant
    let randomBytes: @Sendable (Int) -> [UInt8]
    let logger: Logger
    let starts = RateLimiter()
    let discoveries = RateLimiter()
    let refusals = RefusalBudget()
    let lastSeen = LastSeenBatch()
    let aftermath = SessionAftermath()
    let underWay = RecordsUnderWay()

    private let currentSettings: Mutex<SignOnSettings>

    public init(
        store: Store, providers: ProviderDirectory, metadata: @escaping MetadataSource, keys: AssertionKeyRing, settings: SignOnSettings,
        logger: Logger, clock: @escaping @Sendable () -> Instant, randomBytes: @escaping @Sendable (Int) -> [UInt8]
    ) {
        self.store = store
        self.providers = providers
        samlProviders = SAMLProviderDirectory(source: metadata, clock: clock)
        self.keys = keys
        currentSettings = Mutex(settings)
        self.logger = logger
        self.clock = clock
        self.randomBytes = randomBytes
    }

    public var settings: SignOnSettings { currentSettings.withLock { $0 } }

    /// Takes the settings of a new configuration. Flows under way go on with what they stored.
    public func replaceSettings(_ settings: SignOnSettings) { currentSettings.withLock { $0 = settings } }

    func makeToken() -> SecretToken { SecretToken.random() }

    /// The ACS or redirect URL of a root connection.
    func callbackURL(of id: ConnectionID) -> String { settings.externalOrigin + "/v1/b2b/sso/callback/" + id.rawValue }

    /// Whatever went wrong, nothing is known: the third answer of a look-up.
    func unavailable(_ error: any Error) -> StoreError {
        error as? StoreError ?? StoreError(.unavailable, path: store.path, detail: "\(type(of: error))")
    }

    /// Runs a step; a store that can't be asked is a refusal that changes nothing. A refusal that `body` returns as a
    /// failure is recorded here; one that its transaction has recorded it returns as a step.
    func answering(
        _ context: RequestContext, _ step: SignOnStep, connectionID: ConnectionID? = nil,
        _ body: () async throws -> Result<Step, SignOnRefusal>
    ) async -> Step {
        do {
            switch try await body() {
            case .success(let answer): return answer
            case .failure(let refusal):
                return await refuse(refusal, step: step, subject: RefusedSubject(connectionID: connectionID), context: context)
            }
        } catch {
            logger.error("sign-on step failed", metadata: context.metadata(["step": "\(step.rawValue)", "error": "\(unavailable(error))"]))
            return .refused(.storeUnavailable)
        }
    }
}

extension RequestContext {
    func metadata(_ more: Logger.Metadata = [:]) -> Logger.Metadata {
        more.merging(["request_id": "\(requestID)"]) { own, _ in own }
    }
}
