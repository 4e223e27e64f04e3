/// The way to a provider. The gateway gives one that checks addresses and certificates; tests give
/// one that answers from memory.
public protocol Fetcher: Sendable {
    /// Sends one request and gives the answer whatever its status, without following redirects.
    ///
    /// Throws when there is no answer; what exactly failed is for the fetcher to log. It must return
    /// within `request.deadline`, since sign-ins wait for it, and must refuse a body beyond
    /// `request.maximumBodyBytes` instead of cutting it short.
    func send(_ request: OutgoingRequest) async throws -> IncomingResponse
}
