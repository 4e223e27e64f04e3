import Testing

@testable import SignOn

struct RoutePlanTests {
    @Test("The first route in file order is an organization's own")
    func firstHost() {
        let plan = RoutePlan(
            hosts: [
                .exact("wiki.acme.example", organizationSlug: "acme"), .organizationLabel(suffix: "apps.example"),
                .exact("wiki.globex.example", organizationSlug: "globex"),
            ], scheme: "http", port: 8080)
        #expect(plan.firstHost(ofSlug: "acme") == "wiki.acme.example")
        #expect(plan.firstHost(ofSlug: "globex") == "globex.apps.example")
        #expect(plan.organizationSlug(ofHost: "wiki.globex.example") == "globex")
        #expect(plan.origin(ofHost: "wiki.acme.example") == "http://wiki.acme.example:8080")
    }

    @Test("Without a label route only named organizations have a page")
    func unrouted() {
        let plan = RoutePlan(hosts: [.exact("wiki.acme.example", organizationSlug: "acme")], scheme: "https", port: nil)
        #expect(plan.isRouted(slug: "acme"))
        #expect(!plan.isRouted(slug: "globex"))
        #expect(plan.firstHost(ofSlug: "globex") == nil)
        #expect(plan.organizationSlug(ofHost: "evil.example") == nil)
    }
}
