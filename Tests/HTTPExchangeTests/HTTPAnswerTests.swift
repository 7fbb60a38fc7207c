import HTTPExchange
import NIOHTTP1
import Testing

@Suite("Answers")
struct HTTPAnswerTests {
    @Test(
        "Retry-After is believed in seconds, up to a day",
        arguments: [
            ("0", Duration.zero), ("120", .seconds(120)), ("86400", .seconds(86_400)), ("86401", .seconds(86_400)),
            ("9223372036854775807", .seconds(86_400)), ("9223372036854775808", nil), ("-1", nil), ("1.5", nil),
            ("", nil), ("soon", nil), ("Wed, 21 Oct 2026 07:28:00 GMT", nil),
        ])
    func retryAfter(text: String, expected: Duration?) {
        #expect(HTTPAnswer(status: 503, headers: ["Retry-After": text], body: []).retryAfter == expected)
    }

    @Test("Without Retry-After there is none")
    func noRetryAfter() {
        #expect(HTTPAnswer(status: 503, body: []).retryAfter == nil)
    }

    @Test(
        "A body is decoded if it is JSON of that shape", arguments: [("[1]", [1]), ("{}", nil), ("", nil), ("[1", nil)])
    func decodes(body: String, expected: [Int]?) {
        #expect(HTTPAnswer(status: 200, body: Array(body.utf8)).decoded([Int].self) == expected)
    }
}

@Suite("Excerpts")
struct ExcerptTests {
    @Test(
        "One printable line comes out",
        arguments: [
            ("plain é 漢", "plain é 漢"), ("a\nb\r\tc\0d", "a b  c d"), ("\u{1B}[31mred", " [31mred"),
            // Right-to-left override, zero-width space, line separator, private use.
            ("a\u{202E}b\u{200B}c\u{2028}d\u{E000}e", "a b c d e"), ("", ""),
        ])
    func lines(text: String, expected: String) {
        #expect(Excerpt.line(text) == expected)
    }

    @Test("What is too long is cut, and shows it")
    func cuts() {
        #expect(Excerpt.line("abcd", limit: 4) == "abcd")
        #expect(Excerpt.line("abcde", limit: 4) == "abcd…")
        #expect(Excerpt.line(String(repeating: "x", count: 1000)).unicodeScalars.count == 257)
        #expect(Excerpt.quoted(String(repeating: "x", count: 65)) == "\"\(String(repeating: "x", count: 64))…\"")
        // One character of very many scalars.
        #expect(Excerpt.line("e" + String(repeating: "\u{301}", count: 9999)).unicodeScalars.count == 257)
    }
}

@Suite("Strict JSON")
struct StrictJSONTests {
    /// As deep as wanted, and decodable at any depth.
    private indirect enum Nest: Decodable {
        case level(Nest?)

        init(from decoder: any Decoder) throws {
            var elements = try decoder.unkeyedContainer()
            self = .level(elements.isAtEnd ? nil : try elements.decode(Nest.self))
        }
    }

    private func nested(_ depth: Int) -> [UInt8] {
        Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
    }

    @Test("Sixteen levels are read, more are not", arguments: [(1, true), (16, true), (17, false), (100_000, false)])
    func depth(levels: Int, isRead: Bool) {
        #expect((StrictJSON.decode(Nest.self, from: nested(levels)) != nil) == isRead)
    }

    @Test(
        "Brackets in texts don't count, escaped quotes don't end a text",
        arguments: [#"[[[[[[[[[[[[[[[[[["#, #"\"[[[[[[[[[[[[[[[[[[["#, #"\\\"{{{{{{{{{{{{{{{{{{{{"#])
    func texts(text: String) throws {
        let read = StrictJSON.decode([String].self, from: Array("[\"\(text)\"]".utf8))
        #expect(read?.count == 1)
        #expect(StrictJSON.decode([String].self, from: Array("[\"\\\\\",\"\(text)\"]".utf8))?.count == 2)
    }

    @Test("A text that ends after an escaped backslash ends there")
    func escapedBackslash() {
        let deep = String(repeating: "[", count: 17) + String(repeating: "]", count: 17)
        #expect(StrictJSON.decode([Nest].self, from: Array("[\"\\\\\",\(deep)]".utf8)) == nil)
    }

    @Test("UTF-16, in which brackets can't be counted, is not read")
    func otherEncodings() {
        let bytes = "[\"a\"]".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        #expect(StrictJSON.decode([String].self, from: bytes) == nil)
        #expect(StrictJSON.decode([String].self, from: [0xFF, 0xFE] + bytes) == nil)
    }

    @Test("Garbage is not read", arguments: ["", "{", "\"", "\u{FEFF}", "]]]][", "nul", "[1,]", "[\"\\"])
    func garbage(text: String) {
        #expect(StrictJSON.decode([String].self, from: Array(text.utf8)) == nil)
        #expect(StrictJSON.decode([String].self, from: [0xFF] + Array(text.utf8)) == nil)
    }
}
