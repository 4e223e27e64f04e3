/// Path prefixes, of which the longest that covers a path is found: by comparison among a few, otherwise by
/// one hash at each segment boundary.
struct PrefixIndex {
    /// Up to so many prefixes are compared one by one.
    static let maximumCompared = 4

    private let ordered: [(prefix: [UInt8], value: Int32)]
    private let table: ByteKeyTable
    private let longest: Int

    /// `prefixes`: each once, without a final slash; empty for everything.
    init(_ prefixes: [[UInt8]]) {
        ordered = prefixes.enumerated().map { ($1, Int32(truncatingIfNeeded: $0)) }.sorted { $0.prefix.count > $1.prefix.count }
        longest = ordered.first?.prefix.count ?? 0
        table = ByteKeyTable(ordered.map { ($0.prefix, $0.value) })
    }

    /// Position of the longest prefix that covers `path` at a segment boundary: `/app` covers `/app` and
    /// `/app/x`, not `/apple`.
    func match(_ path: ByteView) -> Int? {
        if ordered.count <= Self.maximumCompared {
            for entry in ordered where path.hasPrefix(entry.prefix) {
                if path.count == entry.prefix.count || path[entry.prefix.count] == 0x2F { return Int(entry.value) }
            }
            return nil
        }
        var hash = ByteHash()
        var found: Int32?
        var position = 0
        while position <= min(path.count, longest) {
            if position == path.count || path[position] == 0x2F,
                let hit = table.find(path.slice(0, position), hash: hash.value)
            {
                found = hit
            }
            hash.add(path[position])
            position += 1
        }
        return found.map { Int($0) }
    }
}
