/// What has been invalidated on one loop, and when, counted in generations. An entry is compared with the
/// log only after the log has grown, so that an invalidation costs nothing per cached session.
struct InvalidationLog {
    /// Names kept before `settle` has to be called.
    static let maximumNames = 4_096

    private(set) var generation: UInt64 = 1
    /// Answers to questions asked before this generation can't be judged any more.
    private var floor: UInt64 = 0
    private var tags: [UInt64: UInt64] = [:]
    private var sessions: [SessionTokenHash: UInt64] = [:]
    private(set) var suspicion: (generation: UInt64, graceUntil: UnixMilliseconds)?

    mutating func note(_ invalidation: Invalidation) {
        generation += 1
        switch invalidation {
        case .session(let hash): sessions[hash] = generation
        case .tags(let names): for name in names { tags[name] = generation }
        case .everything: floor = generation
        case .suspect(let graceUntil): suspicion = (generation, graceUntil)
        }
    }

    var isFull: Bool { tags.count + sessions.count > Self.maximumNames }

    /// Whether something that the entry depends on has changed since it was asked for.
    func invalidates(_ entry: CachedIdentity) -> Bool {
        if entry.checkedGeneration == generation { return false }
        return touched(entry.key.tokenHash, entry.headers.tags, since: entry.checkedGeneration)
    }

    func touched(_ session: SessionTokenHash?, _ names: [UInt64], since start: UInt64) -> Bool {
        if start < floor { return true }
        if let session, let at = sessions[session], at > start { return true }
        for name in names {
            if let at = tags[name], at > start { return true }
        }
        return false
    }

    func suspects(_ entry: CachedIdentity) -> Bool {
        guard let suspicion else { return false }
        return entry.generation < suspicion.generation
    }

    /// Forgets all names, after every living entry has been compared with them. Questions that are still
    /// open are asked again.
    mutating func forgetNames() {
        generation += 1
        floor = generation
        tags.removeAll()
        sessions.removeAll()
    }
}
