import Testing

@testable import DemoWorld

@Suite struct DemoRequestTests {
    @Test(
        "Forms are decoded",
        arguments: [
            ("", []), ("a=1&b=2&a=3", [("a", "1"), ("b", "2"), ("a", "3")]), ("a+b=c%20d%2B", [("a b", "c d+")]), ("a", [("a", "")]),
            ("a=b=c", [("a", "b=c")]), ("&&a=%C3%AD&", [("a", "í")]), ("=x", [("", "x")]),
        ] as [(String, [(String, String)])])
    func forms(text: String, pairs: [(String, String)]) {
        #expect(FormFields(text) == FormFields(pairs.map { FormFields.Pair($0.0, $0.1) }))
    }

    @Test(
        "A form that is not well formed is none",
        arguments: [
            "a=%", "a=%2", "a=%zz", "a=%C3", "%=1", (0...FormFields.maximumPairs).map { "a\($0)=" }.joined(separator: "&"),
        ])
    func brokenForms(text: String) { #expect(FormFields(text) == nil) }

    @Test func `What is encoded is decoded to the same`() {
        let fields = FormFields([.init("a b", "&=+%/\u{1F600}\n"), .init("", "")])
        #expect(FormFields(fields.encoded) == fields)
    }

    @Test func `A body counts as a form only with its type, and whole`() {
        var request = DemoRequest(
            method: "POST", target: "/", fields: [.init("content-TYPE", "application/x-www-form-urlencoded; charset=utf-8")],
            body: Array("a=1".utf8))
        #expect(request.form?["a"] == "1")
        request.bodyLength = 70_000
        #expect(request.form == nil)
        request.bodyLength = 3
        request.fields = []
        #expect(request.form == nil)
    }

    @Test func `Two cookies or fields of one name count as none`() {
        func request(_ cookies: String...) -> DemoRequest {
            DemoRequest(method: "GET", target: "/a?b?c", fields: cookies.map { .init("Cookie", $0) })
        }
        #expect(request("a=1; b=2=3").cookie("b") == "2=3")
        #expect(request("a=1", "b=2").cookie("a") == "1")
        #expect(request("a=1; a=2").cookie("a") == nil)
        #expect(request("a=1", "a=1").cookie("a") == nil)
        #expect(request("aa=1").cookie("a") == nil)
        #expect(request("x", "y").value(of: "cookie") == nil)
        #expect(request().path == "/a")
        #expect(request().rawQuery == "b?c")
    }

    @Test func `A bounded table forgets its oldest entries alone`() {
        var table = BoundedTable<Int>(capacity: 10)
        for number in 0..<1000 {
            table.insert(number, for: "\(number)")
            if number % 3 == 0 { table.remove("\(number)") }
        }
        let kept = (0..<1000).filter { table["\($0)"] != nil }
        #expect(kept.count <= 10)
        #expect(kept.contains(998))
        #expect(kept.allSatisfy { table["\($0)"] == $0 && $0 >= 980 })
    }
}
