import Credentials
import Foundation
import Testing

@Suite struct ClaimValueTests {
    private func decode(_ text: String) throws -> [String: ClaimValue] {
        try JSONDecoder().decode([String: ClaimValue].self, from: Data(text.utf8))
    }

    @Test func `Every kind of JSON is read, and written as it was`() throws {
        let text = #"{"a":"x","b":["x"],"c":true,"d":1.5,"e":{"f":[null,1]},"g":[],"h":null}"#
        let claims: [String: ClaimValue] = [
            "a": .string("x"), "b": .array([.string("x")]), "c": .bool(true), "d": .number(1.5),
            "e": .object(["f": .array([.null, .number(1)])]), "g": .array([]), "h": .null,
        ]
        #expect(try decode(text) == claims)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        #expect(String(decoding: try encoder.encode(claims), as: UTF8.self) == text)
    }

    @Test func `What a token can nest is read, and what would cost stack is not`() throws {
        func read(_ depth: Int) throws -> ClaimValue? {
            let (start, end) = (String(repeating: "[", count: depth), String(repeating: "]", count: depth))
            let text = "{\"claims\": {\"a\": \(start)1\(end)}}"
            let call = try JSONDecoder().decode([String: [String: ClaimValue]].self, from: Data(text.utf8))
            return call["claims"]?["a"]
        }
        let nested = (0..<15).reduce(ClaimValue.number(1)) { value, _ in .array([value]) }
        #expect(try read(15) == nested)
        for depth in [16, 400] { #expect(throws: DecodingError.self) { try read(depth) } }
    }

    @Test func `A number that can't be held is refused, with the claim that has it`() {
        let error = #expect(throws: DecodingError.self) { try decode(#"{"a":1,"b":[[1e999]]}"#) }
        guard case .dataCorrupted(let context)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(context.codingPath.map(\.stringValue) == ["b"])
    }
}
