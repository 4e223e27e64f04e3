extension LoopState {
    /// The pool of a target; for one of a table that has been replaced meanwhile, that of its equal.
    @inline(__always)
    func pool(of target: UpstreamTarget) -> UpstreamPool? {
        if target.index < pools.count, pools[target.index].target === target { return pools[target.index] }
        return pools.first { $0.target.upstream == target.upstream }
    }

    /// The route's upstream with the fewest requests of this loop. Of several with equally few, each in
    /// turn; one that seems not to work only if there is no other, and none of `excluded`.
    func choosePool(_ route: CompiledRoute, excluding excluded: [UpstreamPool]) -> UpstreamPool? {
        let targets = route.upstreams
        if targets.count == 1, excluded.isEmpty { return pool(of: targets[0]) }
        let start = Int(choices % UInt64(max(1, targets.count)))
        choices &+= 1
        var best: UpstreamPool?
        var bestIsAvoided = true
        for offset in 0..<targets.count {
            let position = start + offset
            guard let pool = pool(of: targets[position < targets.count ? position : position - targets.count]) else { continue }
            if excluded.contains(where: { $0 === pool }) { continue }
            let isAvoided = pool.isAvoided(now: now)
            if let chosen = best, isAvoided == bestIsAvoided ? pool.busy >= chosen.busy : isAvoided { continue }
            best = pool
            bestIsAvoided = isAvoided
        }
        return best
    }
}
