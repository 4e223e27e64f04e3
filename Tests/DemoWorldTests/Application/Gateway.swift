import Crypto

@testable import DemoWorld

/// Signs assertions as the gateway does.
struct Gateway {
    static let origin = "http://auth.localhost:8080"
    static let keyID = "k1"
    let key = P256.Signing.PrivateKey()

    var keySet: [UInt8] {
        let point = key.publicKey.rawRepresentation
        let jwk: JSONValue = .object([
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": .string(Self.keyID),
            "x": .string(Base64URL.encode(point.prefix(32))), "y": .string(Base64URL.encode(point.suffix(32))),
        ])
        let odd: JSONValue = .object(["kty": "oct", "k": "AAAA"])
        return Array(JSONValue.object(["keys": .array([odd, jwk])]).serialized.utf8)
    }

    func application(_ clock: HandClock) -> DemoApplication {
        let keySet = keySet
        return DemoApplication(
            settings: .init(kind: .wiki, gatewayOrigin: Self.origin, hostSuffix: "wiki.localhost", port: 8080),
            environment: clock.environment, fetchKeys: { keySet })
    }

    func sign(header: [String: JSONValue?] = [:], claims: [String: JSONValue?] = [:], at seconds: Int64) throws -> String {
        var allHeader: [String: JSONValue] = ["alg": "ES256", "kid": .string(Self.keyID)]
        var allClaims: [String: JSONValue] = [
            "iss": .string(Self.origin), "aud": "http://acme.wiki.localhost:8080", "sub": "member-1", "iat": .integer(seconds),
            "nbf": .integer(seconds), "exp": .integer(seconds + 300), "email": "alice@acme.example",
        ]
        for (name, value) in header { allHeader[name] = value }
        for (name, value) in claims { allClaims[name] = value }
        let signed = [JSONValue.object(allHeader), .object(allClaims)].map { Base64URL.encode(Array($0.serialized.utf8)) }
            .joined(separator: ".")
        return signed + "." + Base64URL.encode(try key.signature(for: Array(signed.utf8)).rawRepresentation)
    }

    static func request(
        _ fields: [DemoRequest.Field], target: String = "/json", host: String = "acme.wiki.localhost:8080"
    ) -> DemoRequest {
        DemoRequest(method: "GET", target: target, authority: host, fields: fields)
    }
}
