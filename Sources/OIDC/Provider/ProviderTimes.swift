/// The times of the provider directory, in milliseconds.
enum ProviderTimes {
    /// A document is not asked for again before this, whatever its headers say.
    static let minimumFreshness: Int64 = 5 * 60 * 1000
    /// Nor used without asking for longer than this: it bounds for how long a key that the
    /// provider has withdrawn still counts.
    static let maximumFreshness: Int64 = 24 * 60 * 60 * 1000
    /// Where the headers say nothing.
    static let defaultFreshness: Int64 = 60 * 60 * 1000
    /// After its freshness a document is still used for this long, while a new one is fetched in
    /// the background or the provider does not answer.
    static let maximumStaleness: Int64 = 60 * 60 * 1000
    /// After a failed fetch the next one waits for this long, so that a dead provider is not
    /// hammered and does not hold up every sign-in for a whole deadline.
    static let failureRetryInterval: Int64 = 10 * 1000
    /// An unknown key id makes us ask for the keys again at most this often per issuer.
    static let unknownKeyRefreshInterval: Int64 = 60 * 1000
}
