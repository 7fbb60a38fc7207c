import StrictYAML
import Testing

@Suite struct JSONComposerTests {
    private struct Sample: Decodable, Equatable {
        var name: String
        var count: Int?
        var list: [String]?
        var flag: Bool?
        var pairs: [String: [String: String]]?
    }

    private func decode(_ text: String) throws -> Sample {
        try StrictYAML.decodeJSON(Sample.self, from: Array(text.utf8), file: "body")
    }

    @Test func `a whole object is read, with every escape and without a blank between`() throws {
        let text =
            #"{"name":"\"\\\/\b\f\n\r\t\u00e4\ud83d\ude00ß","count":-12,"list":["a",7,1.5e3,""],"flag":true,"pairs":{"a":{"b":"c"},"":{}}}"#
        #expect(
            try decode(text)
                == Sample(
                    name: "\"\\/\u{8}\u{C}\n\r\tä😀ß", count: -12, list: ["a", "7", "1.5e3", ""], flag: true,
                    pairs: ["a": ["b": "c"], "": [:]]))
        #expect(try decode(" {\r\n\t\"name\" : \"null\" , \"count\" : null , \"list\" : [ ] }\n").list == [])
    }

    @Test(arguments: [
        (#"{"name": "x", "nmae": 1}"#, #"body:1:15: the document has an unknown key "nmae""#),
        (#"{"count": 1}"#, #"lacks the key "name""#), (#"{"name": null}"#, "name must be text"),
        (#"{"name": ["x"]}"#, "name must be text, but is a list"), ("[]", "must be a mapping"),
        ("{\"name\": \"x\",\n \"count\": 1.5}", "body:2:11: count must be a whole number"),
        (#"{"name": "x", "name": "y"}"#, "body:1:15: is not JSON: has a key twice: name"),
        (#"{"name": "x"} {}"#, "after its end"), (#"{"name": "x""#, "ends too early"), ("", "ends too early"),
        (#"{"name": x}"#, "must have a value"), (#"{"name": 012}"#, "must have a value"),
        (#"{"name": .5}"#, "must have a value"), (#"{"name": 1.}"#, "must have a value"),
        (#"{"name": 1e}"#, "must have a value"), (#"{"name": +1}"#, "must have a value"),
        (#"{"name": "x",}"#, "key in quotes"), (#"{name: "x"}"#, "key in quotes"),
        (#"{'name': "x"}"#, "key in quotes"), (#"{"name" "x"}"#, #"must have ":" here"#),
        (#"{"name": "x" "count": 1}"#, #"must have "," here"#), (#"{"name": "\x"}"#, "unknown escape"),
        (#"{"name": "\u12"}"#, "unknown escape"), (#"{"name": "\u+123"}"#, "unknown escape"),
        (#"{"name": "\ud83d"}"#, "half a character"), (#"{"name": "\ude00"}"#, "half a character"),
        (#"{"name": "\ud83d\u0041"}"#, "half a character"), ("{\"name\": \"a\nb\"}", "control character"),
        (#"{"name": "x"#, "middle of a text"), (#"{"name": "\"#, "middle of a text"),
    ])
    func `what is no JSON, or not of that shape, is refused with its place`(text: String, mention: String) {
        let error = #expect(throws: InvalidYAML.self) { try decode(text) }
        #expect(error?.description.contains(mention) == true, "\(String(describing: error))")
    }

    @Test func `neither depth nor bytes that are no text can end the process`() {
        let deep = Array(String(repeating: "[", count: 100_000).utf8)
        let broken = Array("{\"name\": \"".utf8) + [0xFF, 0xC0] + Array("\"}".utf8)
        for bytes in [deep, broken, [0], [0xEF, 0xBB, 0xBF]] {
            #expect(throws: InvalidYAML.self) {
                try StrictYAML.decodeJSON(Sample.self, from: bytes, file: "body")
            }
            #expect(!StrictYAML.isWellFormedJSON(bytes))
        }
    }
}
