import StrictYAML
import Testing

@Suite struct TypedScalarTests {
    private func decode(_ text: String) throws -> TypedScalar? {
        try StrictYAML.decode([String: TypedScalar].self, from: "a: \(text)", file: "test.yaml")["a"]
    }

    @Test(
        arguments: [
            ("true", .flag(true)), ("false", .flag(false)), ("\"true\"", .text("true")), ("'false'", .text("false")),
            ("True", .text("True")), ("yes", .text("yes")), ("3", .number(3)), ("-0.5e1", .number(-5)),
            ("\"3\"", .text("3")), ("03", .text("03")), ("+3", .text("+3")), (".5", .text(".5")), ("0x1", .text("0x1")),
            ("1e", .text("1e")), ("\"\"", .text("")), ("\"null\"", .text("null")), ("research", .text("research")),
        ] as [(String, TypedScalar)])
    func `A scalar without quotes is what JSON takes it for, and text otherwise`(
        text: String, scalar: TypedScalar
    ) throws {
        #expect(try decode(text) == scalar)
    }

    @Test(arguments: [
        ("1e999", "double precision"), ("[]", "must be text, but is a list"), ("~", "must be text, but is nothing"),
    ])
    func `What is no scalar, or can't be held, is refused with its place`(text: String, mention: String) {
        let error = #expect(throws: InvalidYAML.self) { try decode(text) }
        #expect(error?.description.hasPrefix("test.yaml:1:4: a must be ") == true, "\(String(describing: error))")
        #expect(error?.description.contains(mention) == true, "\(String(describing: error))")
    }

    @Test func `JSON's own quotes count alike`() throws {
        let bytes = Array(#"{"a": true, "b": "true", "c": 1}"#.utf8)
        #expect(
            try StrictYAML.decodeJSON([String: TypedScalar].self, from: bytes, file: "body")
                == ["a": .flag(true), "b": .text("true"), "c": .number(1)])
    }

    @Test func `A variable's value is text`() throws {
        let values = try StrictYAML.decode(
            [String: TypedScalar].self, from: "a: 1", file: "test.yaml", environment: ["TEST_A": "2"],
            environmentPrefix: "TEST")
        #expect(values == ["a": .text("2")])
    }
}
