import TestSupport
import Testing

@testable import AccessControl

@Suite struct GlobPatternTests {
    /// The definition, word by word: slow, and easy to trust.
    private static func reference(_ pattern: [TextPattern.Part], _ text: [Unicode.Scalar]) -> Bool {
        var reached: Set<Int> = [0]
        for part in pattern {
            reached = Set(
                reached.flatMap { start -> [Int] in
                    switch part {
                    case .many: return Array(start...text.count)
                    case .one: return start < text.count ? [start + 1] : []
                    case .literal(let literal):
                        let scalars = Array(literal.unicodeScalars)
                        return text[start...].starts(with: scalars) ? [start + scalars.count] : []
                    case .variable: return []
                    }
                })
        }
        return reached.contains(text.count)
    }

    @Test func `a pattern matches what its definition says`() {
        let letters = ["a", "b", "é", "日", "🦊", "e\u{301}"]
        var matches = 0
        FuzzRounds.repeated(8_000) { random in
            let pattern = (0..<Int.random(in: 0...7, using: &random)).map { _ -> TextPattern.Part in
                switch Int.random(in: 0...4, using: &random) {
                case 0: .one
                case 1, 2: .many
                default: .literal(letters[Int.random(in: 0..<letters.count, using: &random)])
                }
            }
            let text = (0..<Int.random(in: 0...8, using: &random)).map { _ in
                letters[Int.random(in: 0..<letters.count, using: &random)]
            }.joined()
            let expected = Self.reference(pattern, Array(text.unicodeScalars))
            if expected { matches += 1 }
            #expect(GlobPattern(pattern).matches(text) == expected, "\(pattern) \(text)")
        }
        #expect(matches > 400)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a pattern made to be slow isn't`() throws {
        var context = ConditionContext()
        context.reason = String(repeating: "a", count: ConditionLimits.contextTextBytes)
        context.setClaims(["a": [String(repeating: "a", count: ConditionLimits.contextTextBytes)]])
        let bombs = [
            String(repeating: "*a", count: 255) + "b", String(repeating: "*?", count: 255) + "b",
            String(repeating: "*", count: 511) + "b", "*" + String(repeating: "a", count: 510) + "b",
            String(repeating: "*aaaaaaaaaaaaa?", count: 34) + "b",
        ]
        for bomb in bombs {
            #expect(try ConditionSample.verdict("StringLike", "broker:Reason", [bomb], in: context) == .fails)
        }
        let many = [String](repeating: "*${broker:Claim/a}b", count: 20)
        #expect(try ConditionSample.verdict("StringLike", "broker:Reason", many, in: context) == .fails)
    }
}
