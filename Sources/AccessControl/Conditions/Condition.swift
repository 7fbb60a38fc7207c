/// One line of a block: an operator, a key and the values it is compared with, ready to be judged.
struct Condition: Sendable {
    let comparison: ConditionOperator
    let key: ConditionKey
    /// As written.
    let wanted: [String]
    let test: ConditionTest

    /// Fails if operator and key don't fit, or with the first value that the operator can't take.
    init(_ comparison: ConditionOperator, _ key: ConditionKey, _ wanted: [String]) throws(InvalidCondition) {
        self.comparison = comparison
        self.key = key
        self.wanted = wanted
        if let problem = Self.misfit(of: comparison, with: key) {
            throw InvalidCondition(operatorName: comparison.description, key: key.name, problem)
        }
        test = try ConditionTest(comparison, key, wanted)
    }

    /// Takes the key's values as the set prefix says, each against all wanted ones.
    func verdict(in context: ConditionContext) -> ConditionVerdict {
        let value = context.value(of: key)
        if case .absence(let wanted) = test { return ConditionVerdict(wanted.contains(value == nil)) }
        switch value {
        case nil: return comparison.ifExists ? .holds : .unknown([key])
        case .unusable: return .unknown([key])
        case .texts(let texts): return verdict(on: texts, in: context)
        case .some(let value): return verdict(on: value, in: context)
        }
    }

    private func verdict(on texts: [String], in context: ConditionContext) -> ConditionVerdict {
        switch comparison.quantifier {
        case .one: return .unknown([key])
        case .forAnyValue:
            return texts.reduce(.fails) { $0 == .holds ? $0 : $0.or(verdict(on: .text($1), in: context)) }
        case .forAllValues:
            return texts.reduce(.holds) { $0 == .fails ? $0 : $0.and(verdict(on: .text($1), in: context)) }
        }
    }

    private func verdict(on value: ConditionValue, in context: ConditionContext) -> ConditionVerdict {
        guard let matches = test.verdict(on: value, in: context) else { return .unknown([key]) }
        return comparison.comparison.isNegated ? matches.negated : matches
    }
}

extension Condition {
    /// Why an operator can't be used with a key; `nil` if it can.
    private static func misfit(of comparison: ConditionOperator, with key: ConditionKey) -> String? {
        let plain = comparison.comparison
        if plain == .null { return nil }
        guard key.type.families.contains(plain.family) else {
            let fitting = key.type.families.joined(separator: " or ")
            return "is \(key.type.noun): use \(article(fitting)) operator, not \(comparison)"
        }
        let bare = plain.rawValue + (comparison.ifExists ? "IfExists" : "")
        switch (key.type, comparison.quantifier) {
        case (.texts, .one): return "has several values: write ForAnyValue:\(bare) or ForAllValues:\(bare)"
        case (.texts, _), (.claim, _), (_, .one): return nil
        default: return "has one value: write \(bare), without a set prefix"
        }
    }

    private static func article(_ family: String) -> String { (family == "IpAddress" ? "an " : "a ") + family }
}
