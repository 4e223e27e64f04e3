/// A request with all that it needs to be started on the worker's thread.
struct Job: Sendable {
    let id: UInt64
    let request: FetchRequest
    let url: FetchURL
    let policy: AddressPolicy
    /// Called exactly once, by the worker.
    let complete: @Sendable (Result<FetchResponse, FetchError>) -> Void
}
