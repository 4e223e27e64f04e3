/// The answer to an address that was typed, and whether anything was looked up for it.
public enum DiscoveryAnswer: Sendable {
    /// It says nothing about any address: too many questions, or no address at all.
    case withoutLooking(Step)
    /// What is known about the address is behind it, and must not show in anything but the step itself.
    case afterLooking(Step)
}
