import Testing

@testable import DemoWorld

@Suite struct XMLTests {
    @Test func `Elements, attributes, namespaces and text are read`() throws {
        let text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <a:root xmlns:a="urn:a" xmlns="urn:default" x='1 &lt; 2' y="&#65;&#x42;">one &amp; two<child><a:leaf/></child></a:root>
            """
        let root = try XMLReader.read(Array(text.utf8)).get()
        #expect(root.namespace == "urn:a")
        #expect(root.name == "root")
        #expect(root.attributes == ["x": "1 < 2", "y": "AB"])
        guard root.children.count == 2, case .text(let first) = root.children[0], case .element(let child) = root.children[1],
            case .element(let leaf)? = child.children.first
        else {
            Issue.record("other children")
            return
        }
        #expect(first == "one & two")
        #expect(child.namespace == "urn:default")
        #expect(leaf.namespace == "urn:a")
    }

    @Test(
        "What a request does not need, or what is not XML, is refused",
        arguments: [
            ("<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", .unsupported),
            ("<a>&x;</a>", .unsupported),
            ("<a><!-- c --></a>", .unsupported),
            ("<a><![CDATA[x]]></a>", .unsupported),
            ("<a><?pi x?></a>", .unsupported),
            ("<a></b>", .malformed), ("<a>", .malformed), ("<a", .malformed), ("", .malformed), ("<a/><b/>", .malformed),
            ("<a x='1' x='2'/>", .malformed), ("<a x='<'/>", .malformed), ("<a x=1/>", .malformed), ("<a x='1'y='2'/>", .malformed),
            ("<p:a/>", .malformed), ("<a>&#0;</a>", .malformed), ("<a>&#xD800;</a>", .malformed), ("<a>&amp</a>", .malformed),
            ("<?xml version='1.0'", .malformed),
            (String(repeating: "<a>", count: 17), .tooLarge),
            ("<a>" + String(repeating: "<b/>", count: 200) + "</a>", .tooLarge),
            ("<a " + (0..<31).map { "x\($0)=''" }.joined(separator: " ") + "/>", .tooLarge),
        ] as [(String, XMLReader.Refusal)])
    func refusals(text: String, refusal: XMLReader.Refusal) {
        #expect(XMLReader.read(Array(text.utf8)) == .failure(refusal))
    }

    @Test func `Bytes that are not UTF-8 are refused`() {
        #expect(XMLReader.read(Array("<a>".utf8) + [0xC0, 0xAF] + Array("</a>".utf8)) == .failure(.notUTF8))
    }

    @Test func `No text makes the reader trap`() {
        let valid = Array("<a xmlns:b='c' d=\"e&#65;\"><b:f>g&amp;</b:f></a>".utf8)
        let marks = Array("<>&;'\"=/:! a#x".utf8)
        var random = RandomSequence(seed: 2)
        for _ in 0..<3000 {
            var bytes = valid
            for _ in 0...random.below(3) { bytes[random.below(bytes.count)] = marks[random.below(marks.count)] }
            _ = XMLReader.read(Array(bytes.prefix(random.below(bytes.count + 1))))
        }
    }

    @Test func `Canonical form: one declaration, sorted attributes, escapes, no empty tags`() {
        let inner = XMLElement(prefix: "p", namespace: "urn:p", name: "inner", attributes: ["b": "1", "a": "<\"&>\t\n\r"])
        let other = XMLElement(prefix: "q", namespace: "urn:q", name: "other", children: [.text("<&>\r\"")])
        let root = XMLElement(prefix: "p", namespace: "urn:p", name: "root", children: [.element(inner), .element(other)])
        #expect(
            root.canonical()
                == "<p:root xmlns:p=\"urn:p\"><p:inner a=\"&lt;&quot;&amp;>&#x9;&#xA;&#xD;\" b=\"1\"></p:inner>"
                + "<q:other xmlns:q=\"urn:q\">&lt;&amp;&gt;&#xD;\"</q:other></p:root>")
    }
}
