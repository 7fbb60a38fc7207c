import Foundation
import TestSupport
import Testing

@testable import AccessControl

@Suite struct ConditionBlocksTests {
    private static let sunday = [
        "StringEquals": ["broker:DayOfWeek": ["Sunday"]], "NumericLessThan": ["broker:Risk": ["50"]],
    ]
    private static let night = ["DateGreaterThanEquals": ["broker:TimeOfDay": ["20:00"]]]
    private static let evening = ["DateGreaterThanEquals": ["broker:TimeOfDay": ["18:00"]]]

    private func blocks(_ trees: [[String: [String: [String]]]]) throws -> ConditionBlocks {
        try ConditionBlocks(trees.map { try ConditionBlock($0) })
    }

    @Test func `a list holds if one of its blocks does, and nothing else helps`() throws {
        var seen: Set<String> = []
        try FuzzRounds.repeated(3_000) { random in
            let count = Int.random(in: 1...4, using: &random)
            var list: [ConditionBlock] = []
            for _ in 0..<count { list.append(try ConditionBlock(GeneratedBlock.tree(using: &random))) }
            let facts = GeneratedFacts.random(using: &random)
            let each = list.map { $0.verdict(in: facts.context) }
            let joined = each.reduce(ConditionVerdict.fails) { $0.or($1) }
            let blocks = try ConditionBlocks(list)
            let (verdict, trace) = (blocks.verdict(in: facts.context), blocks.trace(in: facts.context))
            #expect(verdict == joined && trace.verdict == joined, "\(list.map(\.tree))")
            #expect(verdict.permits == each.contains(.holds))
            #expect(verdict.forbids == each.contains { $0 != .fails })
            #expect(trace.blocks.map(\.verdict) == each)
            #expect(trace.description.split(separator: "\n").count == trace.lines.count)
            seen.insert("\(verdict)".prefix(5).description)
        }
        #expect(seen == ["holds", "fails", "unkno"])
    }

    @Test func `any list is read or refused, and any that is read judged`() {
        var read = 0
        FuzzRounds.repeated(3_000) { random in
            var trees: [[String: [String: [String]]]] = []
            for _ in 0..<Int.random(in: 0...9, using: &random) {
                let isHostile = Int.random(in: 0...5, using: &random) == 0
                trees.append(
                    isHostile ? GeneratedBlock.hostileTree(using: &random) : GeneratedBlock.tree(using: &random))
            }
            let facts = GeneratedFacts.random(using: &random, isHostile: true)
            do throws(InvalidCondition) {
                var list: [ConditionBlock] = []
                for tree in trees { list.append(try ConditionBlock(tree)) }
                let blocks = try ConditionBlocks(list)
                let (verdict, trace) = (blocks.verdict(in: facts.context), blocks.trace(in: facts.context))
                #expect(trace.verdict == verdict)
                #expect(trace.lines.allSatisfy { !$0.contains("\n") })
                #expect(verdict.permits || !trace.unmetKeys.isEmpty)
                read += 1
            } catch {
                #expect(!error.problem.isEmpty && !error.description.contains("\n"))
            }
        }
        #expect(read > 100)
    }

    @Test func `a list of none, of too many or of too much is refused`() throws {
        func refuses(_ trees: [[String: [String: [String]]]], _ message: String) {
            let error = #expect(throws: InvalidCondition.self) {
                _ = try ConditionBlocks(trees.map { try ConditionBlock($0) })
            }
            #expect(error?.description.contains(message) == true, "\(String(describing: error))")
        }
        refuses([], "has 0 blocks; 1 to 8 are allowed")
        refuses(Array(repeating: Self.night, count: 9), "has 9 blocks; 1 to 8 are allowed")
        #expect(try blocks(Array(repeating: Self.night, count: 8)).blocks.count == 8)
        let claims = (0..<8).map { claim in ("broker:Claim/\(claim)", (0..<128).map { "\($0)" }) }
        let largest = ["StringEquals": Dictionary(uniqueKeysWithValues: claims)]
        #expect(try blocks([largest]).blocks.count == 1)
        refuses([largest, Self.night], "has 1025 values; at most 1024 are allowed")
    }

    @Test func `one block is read and written as itself, and several as a list`() throws {
        let (one, other) = (try ConditionBlock(Self.night), try ConditionBlock(Self.sunday))
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = String(decoding: try encoder.encode(ConditionBlocks(one)), as: UTF8.self)
        #expect(text == #"{"DateGreaterThanEquals":{"broker:TimeOfDay":["20:00"]}}"#)
        func read(_ text: String) throws -> ConditionBlocks {
            try JSONDecoder().decode(ConditionBlocks.self, from: Data(text.utf8))
        }
        #expect(try read(text) == ConditionBlocks(one))
        #expect(try read("[\(text)]") == ConditionBlocks(one))
        let both = try ConditionBlocks([one, other])
        let list = String(decoding: try encoder.encode(both), as: UTF8.self)
        #expect(list.hasPrefix("[\(text),{") && list.hasSuffix("}]"))
        #expect(try read(list) == both)
        #expect(try both != ConditionBlocks([other, one]))
        for wrong in ["[]", "[[]]", "[{}]", "{}", "null", #""x""#, "[\(text),null]", "[[\(text)]]"] {
            #expect(throws: DecodingError.self) { try read(wrong) }
        }
    }

    @Test func `a trace has numbers for blocks where there are several`() throws {
        // Saturday, 18:30.
        let context = try ConditionSample.context()
        let unmet = try blocks([Self.sunday, Self.night]).trace(in: context)
        #expect(
            unmet.description == """
                block 1: NumericLessThan broker:Risk holds: it is "40"; wanted "50"
                block 1: StringEquals broker:DayOfWeek fails: it is "Saturday"; wanted "Sunday"
                block 2: DateGreaterThanEquals broker:TimeOfDay fails: it is "18:30"; wanted "20:00"
                """)
        let keys = "broker:DayOfWeek (block 1) or broker:TimeOfDay (block 2)"
        let reason = DecisionReason.conditionUnmet(unmet)
        #expect(reason.description == "the policy's condition on \(keys) isn't met")
        #expect(reason.detail.hasPrefix("\(reason.description): block 1: NumericLessThan broker:Risk holds"))
        #expect(
            DecisionReason.automaticConditionUnmet(unmet).description
                == "the policy's condition for doing without approval, on \(keys), isn't met")
        let met = try blocks([Self.sunday, Self.evening, Self.evening]).trace(in: context)
        #expect(DecisionReason.conditionHolds(met).description == "the policy's condition holds (block 2)")
    }

    @Test func `a single block has no number`() throws {
        let context = try ConditionSample.context()
        let unmet = DecisionReason.conditionUnmet(try blocks([Self.sunday]).trace(in: context))
        #expect(unmet.description == "the policy's condition on broker:DayOfWeek isn't met")
        #expect(unmet.detail.contains("isn't met: NumericLessThan broker:Risk holds"))
        #expect(!unmet.detail.contains("block"))
        let met = DecisionReason.conditionHolds(try blocks([Self.evening]).trace(in: context))
        #expect(met.description == "the policy's condition holds")
    }
}
