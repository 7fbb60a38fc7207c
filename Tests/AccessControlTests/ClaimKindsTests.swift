import AccessControl
import Credentials
import Testing

@Suite struct ClaimKindsTests {
    private static let claims: [String: ClaimValue] = [
        "text": .string("x"), "empty text": .string(""), "list": .array([.string("x"), .string("y")]),
        "empty list": .array([]), "flag": .bool(false), "number": .number(0), "object": .object([:]),
        "mixed": .array([.string("x"), .number(1)]), "null in a list": .array([.null]), "null": .null,
    ]

    @Test func `Each claim is of one kind, and null of none`() {
        #expect(Self.claims.texts == ["text": "x", "empty text": ""])
        #expect(Self.claims.lists == ["list": ["x", "y"], "empty list": []])
        let others = Self.claims.others
        #expect(Set(others.keys) == ["flag", "number", "object", "mixed", "null in a list"])
        #expect(others["flag"] == .bool(false) && others["number"] == .number(0))
    }
}
