/// A verdict with what led to it, line by line, for people who ask why.
package struct ConditionTrace: Sendable, Hashable, CustomStringConvertible {
    /// In the order of operators, then of keys; all of them, also behind one that fails.
    package let lines: [ConditionTraceLine]

    /// The block's verdict: the same as ``ConditionBlock/verdict(in:)``.
    package var verdict: ConditionVerdict { lines.reduce(.holds) { $0.and($1.verdict) } }

    /// One line of text per line.
    package var description: String { lines.map(\.description).joined(separator: "\n") }
}

/// What one operator said to one key.
package struct ConditionTraceLine: Sendable, Hashable, CustomStringConvertible {
    /// What the context has for the key.
    package enum Actual: Sendable, Hashable {
        case missing
        case values([String])
        /// There is a value that can't be judged; what it is.
        case unusable(String)
    }

    /// A value of the block.
    package struct Wanted: Sendable, Hashable {
        package let written: String
        /// With variables filled in; `nil` if there are none, or one is unknown.
        package let resolved: String?
    }

    package let operatorName: String
    package let key: ConditionKey
    package let verdict: ConditionVerdict
    package let actual: Actual
    package let wanted: [Wanted]

    /// One line; values of others are cut and freed of what would break it.
    package var description: String {
        "\(operatorName) \(key.name) \(verdict): \(seen); wanted \(wanted.map(\.description).joined(separator: " or "))"
    }

    private var seen: String {
        switch actual {
        case .missing: "it is missing"
        case .unusable(let what): "it is \(what)"
        case .values(let values):
            "it is " + values.prefix(10).map { "\"\(excerpt(of: $0))\"" }.joined(separator: ", ")
                + (values.count > 10 ? " and \(values.count - 10) more" : "")
        }
    }
}

extension ConditionTraceLine.Wanted: CustomStringConvertible {
    package var description: String {
        "\"\(excerpt(of: written))\"" + (resolved.map { " (\"\(excerpt(of: $0))\")" } ?? "")
    }
}

extension Condition {
    /// The verdict with what it was about.
    func traced(in context: ConditionContext) -> ConditionTraceLine {
        let patterns: [TextPattern]? = if case .texts(let patterns, _) = test { patterns } else { nil }
        return ConditionTraceLine(
            operatorName: comparison.description, key: key, verdict: verdict(in: context),
            actual: actual(in: context),
            wanted: wanted.enumerated().map { index, text in
                .init(written: text, resolved: patterns?[index].resolvedText(in: context))
            })
    }

    private func actual(in context: ConditionContext) -> ConditionTraceLine.Actual {
        switch context.value(of: key) {
        case nil: .missing
        case .unusable(let what): .unusable(what)
        case .some(let value): test.compares(value) ? .values(texts(of: value)) : .unusable(kind(of: value))
        }
    }

    private func texts(of value: ConditionValue) -> [String] {
        switch value {
        case .text(let text), .unusable(let text): [text]
        case .texts(let texts): texts
        case .flag(let flag): ["\(flag)"]
        case .address(let address): [address.description]
        case .number(let number): [key.type.text(of: number)]
        }
    }

    /// What a claim is that the operator can't compare, so that the text `true` is told from the Boolean.
    private func kind(of value: ConditionValue) -> String {
        switch value {
        case .text(let text): "the text \"\(excerpt(of: text))\""
        case .texts: "a list of texts"
        case .flag(let flag): "the Boolean \(flag)"
        case .number(let number): "the number \(key.type.text(of: number))"
        case .address(let address): "the address \(address)"
        case .unusable(let what): what
        }
    }
}
