/// What a policy wants in one place: a block, or several of which any one that holds is enough (OR), as of the
/// statements of a policy in IAM.
///
/// As with a block, what isn't known never permits: several blocks are unknown unless one of them holds, or all fail.
package struct ConditionBlocks: Sendable, Hashable {
    /// As written; 1...``ConditionLimits/blocks``.
    package let blocks: [ConditionBlock]

    package init(_ block: ConditionBlock) { blocks = [block] }

    /// A list of one block is equal to that block.
    /// - Throws: if there are none or too many, or if together they hold more than a single block may.
    package init(_ blocks: [ConditionBlock]) throws(InvalidCondition) {
        try ConditionLimits.check(blocks: blocks.map(\.tree))
        self.blocks = blocks
    }

    /// Whether any of them holds, stopping at the first that does. Total: answers for every context.
    package func verdict(in context: ConditionContext) -> ConditionVerdict {
        var verdict = ConditionVerdict.fails
        for block in blocks {
            verdict = verdict.or(block.verdict(in: context))
            if verdict == .holds { return .holds }
        }
        return verdict
    }

    /// The same verdict with every block's own, for people who ask why.
    package func trace(in context: ConditionContext) -> ConditionBlocksTrace {
        ConditionBlocksTrace(blocks: blocks.map { $0.trace(in: context) })
    }
}

extension ConditionBlocks: Codable {
    /// Reads a mapping as one block, and a list of mappings as several. Faults are `DecodingError.dataCorrupted` at the
    /// block that has them, or at the list, with a description that continues the sentence "PATH …".
    package init(from decoder: any Decoder) throws {
        guard var list = try? decoder.unkeyedContainer() else {
            self = ConditionBlocks(try ConditionBlock(from: decoder))
            return
        }
        var blocks: [ConditionBlock] = []
        while !list.isAtEnd { blocks.append(try list.decode(ConditionBlock.self)) }
        self = try decoder.usable { () throws(InvalidCondition) in try ConditionBlocks(blocks) }
    }

    /// Writes one block as itself, and several as a list: what has one is written as it was before there were lists.
    package func encode(to encoder: any Encoder) throws {
        if blocks.count == 1 { try blocks[0].encode(to: encoder) } else { try blocks.encode(to: encoder) }
    }
}

extension Decoder {
    /// What `make` makes, or its fault at this place.
    func usable<Value>(_ make: () throws(InvalidCondition) -> Value) throws -> Value {
        do throws(InvalidCondition) {
            return try make()
        } catch {
            let context = DecodingError.Context(codingPath: codingPath, debugDescription: "is unusable: \(error)")
            throw DecodingError.dataCorrupted(context)
        }
    }
}
