/// Something that answers requests, with or without a socket in front of it.
public protocol DemoSite: Sendable {
    func respond(to request: DemoRequest) async -> DemoReply
}
