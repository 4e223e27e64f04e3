/// The parameters of a callback, each at most once (RFC 6749 §4.1.2, RFC 9207 §2).
struct CallbackParameters {
    enum Outcome {
        case code(String)
        case error(ProviderError)
    }

    let state: String?
    let issuer: String?
    let outcome: Outcome

    /// A repeated parameter is refused whatever its name: whoever takes the first one and whoever
    /// takes the last one would see different callbacks.
    static func parse(_ parameters: [(name: String, value: String)]) -> Result<CallbackParameters, CallbackRefusal> {
        guard parameters.count <= Bounds.maximumCallbackParameters,
            parameters.allSatisfy({ max($0.name.utf8.count, $0.value.utf8.count) <= Bounds.maximumCallbackValueBytes })
        else { return .failure(.tooLarge) }
        var values: [String: String] = [:]
        for (name, value) in parameters {
            guard values.updateValue(value, forKey: name) == nil else { return .failure(.duplicateParameter) }
        }
        let outcome: Outcome
        switch (values["code"], values["error"]) {
        case (let code?, nil) where !code.isEmpty: outcome = .code(code)
        // `error_description` is whatever the sender of the link wrote, and is not looked at.
        case (nil, let error?): outcome = .error(ProviderError(code: error))
        default: return .failure(.malformed)
        }
        return .success(CallbackParameters(state: values["state"], issuer: values["iss"], outcome: outcome))
    }
}
