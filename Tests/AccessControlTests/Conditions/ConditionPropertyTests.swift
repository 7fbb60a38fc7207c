import Foundation
import TestSupport
import Testing

@testable import AccessControl

@Suite struct ConditionPropertyTests {
    private typealias Line = (name: String, key: ConditionKey, values: [String])

    private func verdict(_ line: Line, _ facts: GeneratedFacts) throws -> ConditionVerdict {
        try ConditionBlock([line.name: [line.key.name: line.values]]).verdict(in: facts.context)
    }

    @Test func `a negated operator says the opposite, and is unknown where the other is`() throws {
        let pairs = [
            ("StringEquals", "StringNotEquals"), ("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
            ("StringLike", "StringNotLike"), ("NumericEquals", "NumericNotEquals"), ("DateEquals", "DateNotEquals"),
            ("IpAddress", "NotIpAddress"),
        ]
        try FuzzRounds.repeated(4_000) { random in
            let pair = pairs[Int.random(in: 0..<pairs.count, using: &random)]
            let comparison = try #require(Comparison(rawValue: pair.0))
            let key = GeneratedBlock.key(for: comparison, using: &random)
            let values = GeneratedBlock.values(comparison, key, using: &random)
            let facts = GeneratedFacts.random(using: &random)
            if key.type != .texts {
                #expect(try verdict((pair.1, key, values), facts) == verdict((pair.0, key, values), facts).negated)
            }
            if key.type == .texts || key.type == .claim {
                let all = try verdict(("ForAllValues:" + pair.0, key, values), facts)
                #expect(try verdict(("ForAnyValue:" + pair.1, key, values), facts) == all.negated)
                let any = try verdict(("ForAnyValue:" + pair.0, key, values), facts)
                #expect(try verdict(("ForAllValues:" + pair.1, key, values), facts) == any.negated)
            }
        }
    }

    @Test func `less is the opposite of greater or equal`() throws {
        let pairs = [
            ("NumericLessThan", "NumericGreaterThanEquals"), ("NumericGreaterThan", "NumericLessThanEquals"),
            ("DateLessThan", "DateGreaterThanEquals"), ("DateGreaterThan", "DateLessThanEquals"),
        ]
        try FuzzRounds.repeated(2_000) { random in
            let pair = pairs[Int.random(in: 0..<pairs.count, using: &random)]
            let comparison = try #require(Comparison(rawValue: pair.0))
            let key = GeneratedBlock.key(for: comparison, using: &random)
            let values = Array(GeneratedBlock.values(comparison, key, using: &random).prefix(1))
            let facts = GeneratedFacts.random(using: &random)
            #expect(try verdict((pair.0, key, values), facts) == verdict((pair.1, key, values), facts).negated)
        }
    }

    @Test func `a block is its lines joined by and, and its trace says so`() throws {
        var seen: Set<String> = []
        try FuzzRounds.repeated(4_000) { random in
            let tree = GeneratedBlock.tree(using: &random)
            let facts = GeneratedFacts.random(using: &random)
            let block = try ConditionBlock(tree)
            var joined = ConditionVerdict.holds
            for (name, keys) in tree {
                for (key, values) in keys {
                    joined = joined.and(try ConditionBlock([name: [key: values]]).verdict(in: facts.context))
                }
            }
            let trace = block.trace(in: facts.context)
            #expect(block.verdict(in: facts.context) == joined && trace.verdict == joined, "\(tree)")
            #expect(trace.lines.count == tree.values.reduce(0) { $0 + $1.count })
            #expect(trace.description.split(separator: "\n").count == trace.lines.count)
            seen.insert("\(joined)".prefix(5).description)
        }
        #expect(seen == ["holds", "fails", "unkno"])
    }

    @Test func `values are joined by or, and by nor for a negated operator`() throws {
        try FuzzRounds.repeated(4_000) { random in
            let comparison = GeneratedBlock.comparison(using: &random)
            let key = GeneratedBlock.key(for: comparison, using: &random)
            let values = GeneratedBlock.values(comparison, key, using: &random)
            let facts = GeneratedFacts.random(using: &random)
            let takesPrefix = key.type == .texts && comparison != .null
            let name = (takesPrefix ? "ForAnyValue:" : "") + comparison.rawValue
            // For any value of several, nor doesn't distribute: another value may differ from another wanted one.
            if key.type == .texts, comparison.isNegated { return }
            let each = try values.map { try verdict((name, key, [$0]), facts) }
            let start = ConditionVerdict(comparison.isNegated)
            let joined = each.reduce(start) { comparison.isNegated ? $0.and($1) : $0.or($1) }
            #expect(try verdict((name, key, values), facts) == joined)
        }
    }

    @Test func `what is learnt later never overturns an answer`() throws {
        var settled = 0
        try FuzzRounds.repeated(6_000) { random in
            let block = try ConditionBlock(GeneratedBlock.tree(using: &random, isMonotone: true))
            let facts = GeneratedFacts.random(using: &random)
            let more = facts.completed(by: GeneratedFacts.random(using: &random))
            let (early, late) = (block.verdict(in: facts.context), block.verdict(in: more.context))
            if case .unknown(let keys) = early {
                #expect(!keys.isEmpty && keys.isSubset(of: block.keys))
                if case .unknown = late { return }
                settled += 1
            } else {
                #expect(early == late, "\(block.tree)")
            }
        }
        #expect(settled > 100)
    }

    @Test func `IfExists holds without its key and changes nothing with it`() throws {
        try FuzzRounds.repeated(3_000) { random in
            let comparison = GeneratedBlock.comparison(using: &random)
            guard comparison != .null else { return }
            let key = GeneratedBlock.key(for: comparison, using: &random)
            let values = GeneratedBlock.values(comparison, key, using: &random)
            let facts = GeneratedFacts.random(using: &random)
            let name = (key.type == .texts ? "ForAllValues:" : "") + comparison.rawValue
            let lenient = try verdict((name + "IfExists", key, values), facts)
            let isMissing = facts.context.value(of: key) == nil
            #expect(lenient == (isMissing ? .holds : try verdict((name, key, values), facts)))
        }
    }

    @Test func `a block survives being written and read`() throws {
        try FuzzRounds.repeated(500) { random in
            let block = try ConditionBlock(GeneratedBlock.tree(using: &random))
            let facts = GeneratedFacts.random(using: &random)
            let read = try JSONDecoder().decode(ConditionBlock.self, from: JSONEncoder().encode(block))
            #expect(read == block)
            #expect(read.trace(in: facts.context) == block.trace(in: facts.context))
        }
    }

    @Test func `any tree is read or refused, and any block judged`() {
        var read = 0
        FuzzRounds.repeated(5_000) { random in
            let tree = GeneratedBlock.hostileTree(using: &random)
            let facts = GeneratedFacts.random(using: &random, isHostile: true)
            do throws(InvalidCondition) {
                let block = try ConditionBlock(tree)
                let trace = block.trace(in: facts.context)
                #expect(trace.verdict == block.verdict(in: facts.context))
                #expect(trace.description.split(separator: "\n").count == trace.lines.count)
                read += 1
            } catch {
                #expect(!error.problem.isEmpty && !error.description.contains("\n"))
            }
        }
        #expect(read > 100)
    }
}
