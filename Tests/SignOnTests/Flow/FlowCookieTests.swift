import Storage
import Testing

@testable import SignOn

struct FlowCookieTests {
    @Test("A cookie reads back as it was written, with and without the mark", arguments: [true, false])
    func roundTrip(hasSignedOut: Bool) {
        let cookie = FlowCookie(token: .random(), hasSignedOut: hasSignedOut)
        let read = FlowCookie(cookie.value)
        #expect(read?.token.hash == cookie.token.hash)
        #expect(read?.hasSignedOut == hasSignedOut)
    }

    @Test("What we could not have set is no cookie", arguments: [nil, "", "~", "abc", "~~" + String(repeating: "A", count: 43)])
    func refused(value: String?) {
        #expect(FlowCookie(value) == nil)
    }
}
