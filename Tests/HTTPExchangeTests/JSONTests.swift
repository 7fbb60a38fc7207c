import Foundation
import TestSupport
import Testing

@testable import HTTPExchange

@Suite struct JSONTests {
    private struct Sample: Codable, Equatable {
        var text: String
        var count: Int
        var ratio: Double
        var isOn: Bool
        var absent: String?
        var list: [Int]
        var map: [String: [String?]]
        var nested: [Sample]
    }

    private let sample = Sample(
        text: "q\" b\\ n\n r\r t\t c\u{1} é 漢 😀 /", count: .min, ratio: 0.1, isOn: true, absent: nil, list: [1, -2],
        map: ["a": ["x", nil], "": []],
        nested: [
            Sample(text: "", count: .max, ratio: -2, isOn: false, absent: "here", list: [], map: [:], nested: [])
        ])

    @Test func `FoundationEssentials reads what we write, and we read what it writes`() throws {
        let ours = try #require(StrictJSON.encode(sample))
        #expect(try JSONDecoder().decode(Sample.self, from: Data(ours)) == sample)
        #expect(StrictJSON.decode(Sample.self, from: try JSONEncoder().encode(sample)) == sample)
        #expect(StrictJSON.decode(Sample.self, from: ours) == sample)
    }

    @Test func `members are in the order of their names, without blanks or needless escapes`() throws {
        let text = try #require(StrictJSON.encode(["b": "/é\u{1F}", "a": "\"\\\n\r\t"]))
        #expect(String(decoding: text, as: UTF8.self) == #"{"a":"\"\\\n\r\t","b":"/é\u001f"}"#)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func `a number that JSON does not have is not written`(number: Double) {
        #expect(StrictJSON.encode([number]) == nil)
    }

    @Test(arguments: [
        ("0", 0.0), ("-0.5e+1", -5), ("1E2", 100), ("1e-2", 0.01), ("12", 12), ("01", nil), ("+1", nil), ("1.", nil),
        (".5", nil), ("1e", nil), ("-", nil), ("0x1", nil), ("1e999", nil), ("NaN", nil), ("\"1\"", nil), ("true", nil),
        ("null", nil),
    ])
    func `numbers are those of RFC 8259`(text: String, number: Double?) {
        #expect(StrictJSON.decode([Double].self, from: "[\(text)]".utf8)?.first == number)
    }

    @Test(arguments: [
        ("1", 1), ("1.0", 1), ("1e2", 100), ("-128", -128), ("127", 127), ("128", nil), ("1.5", nil), ("1e99", nil),
    ])
    func `whole numbers fit their type`(text: String, number: Int8?) {
        #expect(StrictJSON.decode([Int8].self, from: "[\(text)]".utf8)?.first == number)
    }

    @Test(arguments: [
        (#""a\u00e9\u6F22\ud83d\ude00\/\b\f\n\r\t\"\\""#, "aé漢😀/\u{8}\u{C}\n\r\t\"\\"), (#""""#, ""),
        (#""\ud83d""#, nil), (#""\ude00""#, nil), (#""\ud83d\u0041""#, nil), (#""\u12""#, nil), (#""\uD８00""#, nil),
        (#""\x""#, nil), ("\"\n\"", nil), (#""open"#, nil), (#""\"#, nil), ("'a'", nil),
    ])
    func `texts are those of RFC 8259`(json: String, text: String?) {
        #expect(StrictJSON.decode([String].self, from: "[\(json)]".utf8)?.first == text)
    }

    @Test func `a text that is not UTF-8 is none`() {
        for bad: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xC3]] {
            #expect(StrictJSON.decode([String].self, from: Array("[\"".utf8) + bad + Array("\"]".utf8)) == nil)
            #expect(StrictJSON.decode([String].self, from: Array("[\"\\n".utf8) + bad + Array("\"]".utf8)) == nil)
        }
    }

    @Test(arguments: [
        #"{"a":1,"a":1}"#, #"{"a":1,"\u0061":1}"#, #"{"a":1,}"#, #"{"a"}"#, #"{a:1}"#, #"{"a":1"#, #"{,}"#,
        #"{"a":1}}"#, #"{"a":1} x"#, #"{"a" 1}"#, #"{"a":tru}"#,
    ])
    func `an object that is ambiguous or broken is none`(json: String) {
        #expect(StrictJSON.decode([String: Int].self, from: json.utf8) == nil)
    }

    @Test func `blanks may stand between the parts`() {
        #expect(StrictJSON.decode([String: [Int]].self, from: " {\t\"a\" :\n[ 1\r, 2 ] } ".utf8) == ["a": [1, 2]])
    }
}

@Suite struct JSONFuzzTests {
    @Test func `what we take for JSON, others do too, and nothing traps`() {
        let parts = Array(#"[]{}:,"\u0e1.+-ntfalsrue 9é"#)
        FuzzRounds.repeated(3000) { generator in
            let text = String(
                (0..<Int.random(in: 0...24, using: &generator)).map { _ in
                    parts.randomElement(using: &generator) ?? "1"
                })
            let bytes = Array((Bool.random(using: &generator) ? "[\(text)]" : "[\"\(text)\"]").utf8)
            guard bytes.withUnsafeBufferPointer({ JSONReader.value(in: $0) }) != nil else { return }
            do {
                _ = try JSONSerialization.jsonObject(with: Data(bytes))
            } catch {
                // It is JSON, of a number that no type here has room for; decoding it fails here, too.
                #expect("\(error)".contains("is not representable"), "\(text): \(error)")
            }
        }
    }
}
