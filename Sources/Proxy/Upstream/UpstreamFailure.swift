/// Why a response does not come, or not to its end.
enum UpstreamFailure {
    /// The connection closed before the first byte of a response. What became of the request nobody knows.
    case closedBeforeResponse
    /// The upstream says that it has not acted on the request (RFC 9113 §8.7).
    case refused
    /// What came is not a response, or ended in the middle.
    case broken
}
