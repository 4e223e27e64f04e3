import Testing

@testable import Web

struct GatewayCookiesTests {
    private func request(_ cookies: [String]) -> WebRequest {
        WebRequest(
            method: "GET", host: "h", origin: "https://h", path: "/", query: nil, headers: cookies.map { ("cookie", $0) }, body: [],
            clientAddress: "127.0.0.1", requestID: "1", purpose: .own)
    }

    @Test(
        "A cookie counts when it came exactly once under its exact name",
        arguments: [
            (["__Host-gateway-session=a"], "a"), (["x=1; __Host-gateway-session=a; y=2"], "a"), (["x=1", "__Host-gateway-session=a"], "a"),
            (["__Host-gateway-session=a; __Host-gateway-session=a"], nil), (["__Host-gateway-session=a", "__Host-gateway-session=b"], nil),
            (["gateway-session=a"], nil), (["__host-gateway-session=a"], nil), (["__Host-gateway-session"], nil), ([], nil),
        ] as [([String], String?)])
    func reading(cookies: [String], expected: String?) {
        #expect(GatewayCookies(isSecure: true).read(from: request(cookies)).session == expected)
    }

    @Test("Clearing repeats the attributes, or the browser would keep a __Host- cookie")
    func attributes() {
        let secure = GatewayCookies(isSecure: true)
        #expect(secure.text(of: .set(.session, "v")) == "__Host-gateway-session=v; Path=/; HttpOnly; SameSite=Lax; Secure")
        #expect(secure.text(of: .clear(.session)) == "__Host-gateway-session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax; Secure")
        #expect(GatewayCookies(isSecure: false).text(of: .set(.flow, "v")) == "gateway-flow=v; Path=/; HttpOnly; SameSite=Lax")
    }
}
