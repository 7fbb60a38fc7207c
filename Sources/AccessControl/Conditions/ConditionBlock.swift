/// A `Condition` block in the language of IAM policies, over keys of the broker: operator, then key, then values.
///
/// All lines must hold (AND over operators and keys); one value of a line is enough (OR), and none for a negated
/// operator (NOR). A value of this type is parsed and checked once; what it says cannot be misspelt, and judging it
/// reads no text a second time, does no I/O and always ends. See ``ConditionVerdict`` for what happens when a key is
/// missing; `docs/conditions.md` lists operators, keys and where this language is stricter than IAM's.
package struct ConditionBlock: Sendable {
    /// What the block was made of, by operator and key, with each key in its one spelling. Equal trees are equal blocks.
    package let tree: [String: [String: [String]]]
    /// In the order of their operators, then of their keys.
    let conditions: [Condition]

    /// Checks and prepares a block.
    /// - Parameter tree: values by operator and key, as in IAM's JSON; numbers, dates and Booleans as text.
    /// - Throws: the first fault in the order of operators, then of keys. An empty block is a fault too, since it would
    ///   hold for everybody: who means that leaves it out.
    package init(_ tree: [String: [String: [String]]]) throws(InvalidCondition) {
        try ConditionLimits.check(tree)
        var conditions: [Condition] = []
        for (name, keys) in tree.sorted(by: { $0.key < $1.key }) {
            conditions += try Self.conditions(of: name, keys)
        }
        self.conditions = conditions
        self.tree = tree.mapValues { keys in
            Dictionary(keys.map { (ConditionKey($0.key)?.name ?? $0.key, $0.value) }) { first, _ in first }
        }
    }

    /// The lines of one operator.
    private static func conditions(
        of name: String, _ keys: [String: [String]]
    ) throws(InvalidCondition) -> [Condition] {
        let comparison = try ConditionOperator(parsing: name)
        var conditions: [ConditionKey: Condition] = [:]
        for (text, values) in keys.sorted(by: { $0.key < $1.key }) {
            let key = try ConditionKey(parsing: text, under: name)
            guard conditions[key] == nil else {
                throw InvalidCondition(
                    operatorName: name, key: text, "stands twice; keys are compared without regard to case")
            }
            conditions[key] = try Condition(comparison, key, values)
        }
        return conditions.values.sorted { $0.key.name < $1.key.name }
    }

    /// Whether the block holds, stopping at the first line that fails. Total: answers for every context.
    package func verdict(in context: ConditionContext) -> ConditionVerdict {
        var verdict = ConditionVerdict.holds
        for condition in conditions {
            verdict = verdict.and(condition.verdict(in: context))
            if verdict == .fails { return .fails }
        }
        return verdict
    }

    /// The same verdict with every line's own, for people who ask why.
    package func trace(in context: ConditionContext) -> ConditionTrace {
        ConditionTrace(lines: conditions.map { $0.traced(in: context) })
    }

    /// Every key that the verdict may depend on, those of variables included.
    package var keys: Set<ConditionKey> {
        conditions.reduce(into: []) { keys, condition in
            keys.insert(condition.key)
            keys.formUnion(condition.test.variables)
        }
    }
}

extension ConditionBlock: Hashable {
    package static func == (one: ConditionBlock, other: ConditionBlock) -> Bool { one.tree == other.tree }

    package func hash(into hasher: inout Hasher) { hasher.combine(tree) }
}

extension ConditionBlock: Codable {
    /// Reads a mapping of operators to mappings of keys to one value or a list of values. In formats that tell them
    /// apart, whole numbers and Booleans may stand unquoted. Faults are `DecodingError.dataCorrupted` at the block, with
    /// a description that continues the sentence "PATH …".
    package init(from decoder: any Decoder) throws {
        let tree = try [String: [String: ConditionValueList]](from: decoder).mapValues { $0.mapValues(\.values) }
        self = try decoder.usable { () throws(InvalidCondition) in try ConditionBlock(tree) }
    }

    /// Writes ``tree``, with a list even for one value.
    package func encode(to encoder: any Encoder) throws {
        try tree.encode(to: encoder)
    }
}

/// One value or a list of them, as IAM allows.
private struct ConditionValueList: Decodable {
    let values: [String]

    init(from decoder: any Decoder) throws {
        if var list = try? decoder.unkeyedContainer() {
            var values: [String] = []
            while !list.isAtEnd { values.append(try list.decode(ConditionScalar.self).text) }
            self.values = values
        } else {
            values = [try ConditionScalar(from: decoder).text]
        }
    }
}

private struct ConditionScalar: Decodable {
    let text: String

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // Text first: where all scalars are text, a leading zero stays.
        do {
            text = try container.decode(String.self)
        } catch {
            if let flag = try? container.decode(Bool.self) {
                text = "\(flag)"
            } else if let number = try? container.decode(Int.self) {
                text = "\(number)"
            } else {
                throw error
            }
        }
    }
}
