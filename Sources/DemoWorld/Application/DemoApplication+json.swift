extension DemoApplication {
    /// For scripts and tests: `application`, `method`, `target`, `path`, `host`, `headers` (name and value, in
    /// the order received), `body_bytes`, `verified`, `kind` (`member` or `anonymous`), `reason` and `claims`.
    func json(_ request: DemoRequest, _ outcome: AssertionVerifier.Outcome) -> DemoReply {
        var members: [String: JSONValue] = [
            "application": .string(settings.kind.rawValue),
            "method": .string(request.method),
            "target": .string(request.target),
            "path": .string(request.path),
            "host": request.authority.map(JSONValue.string) ?? .null,
            "headers": .array(request.fields.map { .array([.string($0.name), .string($0.value)]) }),
            "body_bytes": .integer(Int64(request.bodyLength)),
            "verified": false, "kind": .null, "reason": .null, "claims": .null,
        ]
        switch outcome {
        case .absent: members["reason"] = "absent"
        case .refused(let refusal): members["reason"] = .string(refusal.rawValue)
        case .verified(let kind, let claims):
            members["verified"] = true
            members["kind"] = .string(kind.rawValue)
            members["claims"] = claims
        }
        return .json(.object(members))
    }
}
