/// What each block of a condition says, for people who ask why. Blocks have numbers, from 1, where there are several.
package struct ConditionBlocksTrace: Sendable, Hashable, CustomStringConvertible {
    /// In their order; all of them, also behind one that holds.
    package let blocks: [ConditionTrace]

    /// The same as ``ConditionBlocks/verdict(in:)``.
    package var verdict: ConditionVerdict { blocks.reduce(.fails) { $0.or($1.verdict) } }

    /// One for each line of each block.
    package var lines: [String] {
        blocks.enumerated().flatMap { index, block in
            block.lines.map { blocks.count == 1 ? $0.description : "block \(index + 1): \($0)" }
        }
    }

    /// One line of text per line.
    package var description: String { lines.joined(separator: "\n") }

    /// The number of the first block that holds; `nil` if none does, or there is only one.
    var holdingNumber: Int? {
        blocks.count == 1 ? nil : blocks.firstIndex { $0.verdict.permits }.map { $0 + 1 }
    }

    /// The keys of the lines that keep each from holding: `broker:Risk`, or `broker:Risk (block 1) or …`.
    var unmetKeys: String {
        blocks.enumerated().map { index, block in
            let keys = Set(block.lines.filter { !$0.verdict.permits }.map(\.key.name)).sorted()
            return keys.joined(separator: ", ") + (blocks.count == 1 ? "" : " (block \(index + 1))")
        }.joined(separator: " or ")
    }
}
