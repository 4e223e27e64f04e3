extension Offer {
    /// The root connections of the acceptances, each once, by display name and then id, both as bytes.
    static func list(of acceptances: [Acceptance]) -> [Offer] {
        let offers = Set(
            acceptances.map {
                Offer(rootConnectionID: $0.connection.id, displayName: $0.connection.displayName, kind: $0.connection.kind)
            })
        return offers.sorted { left, right in
            guard left.displayName.hasSameBytes(as: right.displayName) else {
                return left.displayName.utf8.lexicographicallyPrecedes(right.displayName.utf8)
            }
            return left.rootConnectionID < right.rootConnectionID
        }
    }
}
