/// Sends one request on a connection of its own and reads the status of its response.
protocol HealthQuestion: DialedHandler {
    /// `end` is called once; `nil`: there was no response in HTTP.
    func ask(_ path: String, host: String, isSecure: Bool, end: @escaping (Int?) -> Void)
}

extension HealthQuestion {
    static var userAgent: String { "gateway-health-check" }
}
