import TestSupport
import Testing

@testable import AWSAPI

@Suite struct XMLElementTests {
    @Test("reads elements, attributes, text and references")
    func readsDocument() throws {
        let document = try parse(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <R xmlns="urn:x" a = 'b>c'><A>1 &lt;&amp;&gt;&quot;&apos; &#65;&#x1F642;</A><B/><C > é </C></R>

            """)
        #expect(document.name == "R")
        #expect(document.child("A")?.text == "1 <&>\"' A🙂")
        #expect(document.child("B")?.text.isEmpty == true)
        #expect(document.child("C")?.trimmedText == "é")
    }

    @Test(
        "refuses what is not well-formed, and everything of XML that STS does not send",
        arguments: [
            "", "   ", "text", "<a", "<a>", "<a></b>", "<a><b></a></b>", "<a/><b/>", "<a/>x", "<a>&e;</a>",
            "<a>&#0;</a>",
            "<a>&#xD800;</a>", "<a>&#99999999999;</a>", "<a>&lt</a>", "<a>\u{1}</a>", "<a b></a>", "<a b=c/>",
            "<a b='<'/>",
            "<a b='1'c='2'/>", "<!DOCTYPE a><a/>", "<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>&e;</a>",
            "<a><!-- x --></a>", "<a><![CDATA[x]]></a>", "<a><?p?></a>", "<?xml", "<a>&amp", "<1a/>", "</a>", "<a></a",
            String(repeating: "<a>", count: 17) + String(repeating: "</a>", count: 17),
            "<a>" + String(repeating: "<b/>", count: 600) + "</a>",
        ])
    func refuses(text: String) {
        #expect(throws: XMLFault.self) { try parse(text) }
    }

    @Test("refuses bytes that are not UTF-8")
    func refusesInvalidUTF8() {
        #expect(throws: XMLFault.self) { try XMLElement.parse(Array("<a>".utf8) + [0xC3, 0x28] + Array("</a>".utf8)) }
    }

    @Test("never crashes on damaged documents", arguments: 0..<20)
    func survivesDamage(seed: UInt64) {
        let good = Array("<?xml version=\"1.0\"?><R x=\"y\"><A>&amp;&#65;</A><B/>é</R>".utf8)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = UInt8.random(in: .min ... .max, using: &random)
                case 1: bytes.removeSubrange(index...)
                default: bytes.insert(contentsOf: bytes[index...].prefix(5), at: index)
                }
                if bytes.isEmpty { break }
            }
            let document = try? XMLElement.parse(bytes)
            #expect(document?.name.isEmpty != true, "\(bytes)")
        }
    }

    @discardableResult
    private func parse(_ text: String) throws -> XMLElement {
        try XMLElement.parse(Array(text.utf8))
    }
}
