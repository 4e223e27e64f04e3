/// A parser beside a slow reference of it, made from the specification in another style. The fuzzer feeds
/// it without end; the unit tests replay every seed and a fixed number of mutations of them.
public protocol FuzzTarget: SendableMetatype {
    /// Name of the target and of its file of seeds.
    static var name: String { get }
    init()
    /// What parser and reference, or the parser and one of its promises, don't agree on.
    mutating func disagreement(_ input: [UInt8]) -> String?
}
