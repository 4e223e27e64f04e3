/// What to ask in a world.
struct Scope: OptionSet, Sendable {
    var rawValue: UInt16

    /// Landing after a start with the root connection, without a page.
    static let root = Scope(rawValue: 1 << 0)
    /// The same with a page, where one tenant alone has a route, or two have.
    static let pages = Scope(rawValue: 1 << 1)
    /// Every landing with every set of organizations that have a route.
    static let everyPage = Scope(rawValue: 1 << 2)
    /// Landing after a start with each external connection.
    static let links = Scope(rawValue: 1 << 3)
    /// Landing after a start with each organization.
    static let organizations = Scope(rawValue: 1 << 4)
    /// Exchange into each organization, with a click and (unless `onlyFirst`) without.
    static let exchanges = Scope(rawValue: 1 << 5)
    /// Continuation of a session of each member.
    static let continuations = Scope(rawValue: 1 << 6)
    static let discovery = Scope(rawValue: 1 << 7)
    /// Whether a sign-in may begin, with each possible target.
    static let starts = Scope(rawValue: 1 << 8)
    /// The first tenant stands for all in whatever is asked of each.
    static let onlyFirst = Scope(rawValue: 1 << 9)
    /// An organization's answer again, without the other organizations' links and members.
    static let isolation = Scope(rawValue: 1 << 10)
    /// What an admission leads to: continuation, and its end.
    static let aftermath = Scope(rawValue: 1 << 11)
    /// Choices again, in a world whose dictionaries were filled in another order.
    static let reordered = Scope(rawValue: 1 << 12)
    /// Also targets that do not exist, and evidence of another root than the one that was named.
    static let mistakes = Scope(rawValue: 1 << 13)

    /// Which organizations a session reaches.
    static let reach = Scope(rawValue: 1 << 14)

    static let signIn: Scope = [
        .root, .links, .organizations, .exchanges, .continuations, .isolation, .aftermath, .reordered, .mistakes,
        .reach,
    ]
    static let severed: Scope = [.root, .links, .organizations, .continuations, .reach]
    static let firstTenant: Scope = [.root, .organizations, .exchanges, .continuations, .aftermath, .onlyFirst, .reach]
}
