/// Something that knows its place in a `Registry`.
protocol Registered: AnyObject {
    /// -1: in none.
    var registryIndex: Int { get set }
}

/// What one loop has to look after, in no order. Adding and removing cost the same whatever there is.
struct Registry<Member: Registered> {
    private(set) var members: [Member] = []

    mutating func add(_ member: Member) {
        member.registryIndex = members.count
        members.append(member)
    }

    /// Nothing where it is not in.
    mutating func remove(_ member: Member) {
        let index = member.registryIndex
        guard index >= 0, index < members.count, members[index] === member else { return }
        members.swapAt(index, members.count - 1)
        members.removeLast()
        if index < members.count { members[index].registryIndex = index }
        member.registryIndex = -1
    }
}
