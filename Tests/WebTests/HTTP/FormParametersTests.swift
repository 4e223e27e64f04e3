import Testing

@testable import Web

struct FormParametersTests {
    @Test("Pairs keep their order and their duplicates")
    func pairs() throws {
        let form = try #require(FormParameters("a=1&b=%20x+y&a=2&c&=d".utf8))
        #expect(form.pairs.map(\.name) == ["a", "b", "a", "c", ""])
        #expect(form.pairs.map(\.value) == ["1", " x y", "2", "", "d"])
        #expect(form.single("b") == " x y")
        #expect(form.single("a") == nil)
        #expect(form.isDuplicated("a"))
        #expect(!form.isDuplicated("b"))
    }

    @Test("What is not a form is none", arguments: ["a=%", "a=%4", "a=%zz", "a=%FF", "a=%C0%AE", String(repeating: "a&", count: 65)])
    func refused(text: String) {
        #expect(FormParameters(text.utf8) == nil)
    }
}
