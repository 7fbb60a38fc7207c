/// How much a block, or a list of them, may hold, so that a file bounds the time that a decision takes.
package enum ConditionLimits {
    package static let operators = 32
    package static let keysOfOperator = 32
    package static let valuesOfKey = 128
    /// Of a whole block, and of all blocks of a list together.
    package static let values = 1_024
    /// Of a list.
    package static let blocks = 8
    /// UTF-8 bytes of an operator's or a key's name.
    package static let nameBytes = 160
    /// UTF-8 bytes of a value in a block.
    package static let valueBytes = 512
    /// UTF-8 bytes of a text in a context. A longer one can't be judged.
    package static let contextTextBytes = 2_048
    /// Values of a list in a context. A longer one can't be judged.
    package static let contextListValues = 1_000

    /// Fails with the first part of a block that is empty or too large.
    static func check(_ tree: [String: [String: [String]]]) throws(InvalidCondition) {
        guard !tree.isEmpty else { throw InvalidCondition("has no operator; leave out a condition that always holds") }
        guard tree.count <= operators else {
            throw InvalidCondition("has \(tree.count) operators; at most \(operators) are allowed")
        }
        for (name, keys) in tree.sorted(by: { $0.key < $1.key }) {
            try check(keys, of: name)
        }
        try checkCount(of: [tree])
    }

    /// Fails if there are no blocks, or too many; or if together they are too large. Each by itself is small enough.
    static func check(blocks trees: [[String: [String: [String]]]]) throws(InvalidCondition) {
        guard (1...blocks).contains(trees.count) else {
            throw InvalidCondition("has \(trees.count) blocks; 1 to \(blocks) are allowed")
        }
        try checkCount(of: trees)
    }

    private static func checkCount(of trees: [[String: [String: [String]]]]) throws(InvalidCondition) {
        let count = trees.flatMap(\.values).flatMap(\.values).reduce(0) { $0 + $1.count }
        guard count <= values else {
            throw InvalidCondition("has \(count) values; at most \(values) are allowed")
        }
    }

    private static func check(_ keys: [String: [String]], of name: String) throws(InvalidCondition) {
        func fault(_ problem: String, key: String? = nil, value: String? = nil) -> InvalidCondition {
            InvalidCondition(operatorName: name, key: key, value: value, problem)
        }
        guard name.utf8.count <= nameBytes else { throw fault("is longer than \(nameBytes) bytes") }
        guard !keys.isEmpty else { throw fault("has no key") }
        guard keys.count <= keysOfOperator else {
            throw fault("has \(keys.count) keys; at most \(keysOfOperator) are allowed")
        }
        for (key, values) in keys.sorted(by: { $0.key < $1.key }) {
            guard key.utf8.count <= nameBytes else { throw fault("is longer than \(nameBytes) bytes", key: key) }
            guard !values.isEmpty else { throw fault("has no value", key: key) }
            guard values.count <= valuesOfKey else {
                throw fault("has \(values.count) values; at most \(valuesOfKey) are allowed", key: key)
            }
            if let long = values.first(where: { $0.utf8.count > valueBytes }) {
                throw fault("is longer than \(valueBytes) bytes", key: key, value: long)
            }
        }
    }
}
