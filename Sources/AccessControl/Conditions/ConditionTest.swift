/// How two numbers must stand to each other.
enum Relation: Sendable {
    case equal, less, lessOrEqual, greater, greaterOrEqual

    func holds(_ actual: Double, _ wanted: Double) -> Bool {
        switch self {
        case .equal: actual == wanted
        case .less: actual < wanted
        case .lessOrEqual: actual <= wanted
        case .greater: actual > wanted
        case .greaterOrEqual: actual >= wanted
        }
    }
}

/// What a value is compared with, parsed once. Negation is not its business.
enum ConditionTest: Sendable {
    case texts([TextPattern], TextMatching)
    case numbers([Double], Relation)
    case flags([Bool])
    case ranges([AddressRange])
    /// Whether the key shall be missing.
    case absence([Bool])

    /// Fails with the first value that isn't of the operator's type.
    init(_ comparison: ConditionOperator, _ key: ConditionKey, _ wanted: [String]) throws(InvalidCondition) {
        let reader = ConditionValueReader(operatorName: comparison.description, key: key)
        switch comparison.comparison {
        case .null: self = .absence(try reader.all(wanted, reader.flag))
        case .bool: self = .flags(try reader.all(wanted, reader.flag))
        case .ipAddress, .notIPAddress: self = .ranges(try reader.all(wanted, reader.range))
        default:
            if let matching = comparison.comparison.textMatching {
                self = .texts(try reader.texts(wanted, matching: matching), matching)
            } else {
                self = .numbers(try reader.all(wanted, reader.number), comparison.comparison.relation)
            }
        }
    }

    /// Whether one value matches at least one of the wanted ones; `nil` for a value of another type, which of all keys
    /// that fit their operators only a claim has.
    func verdict(on value: ConditionValue, in context: ConditionContext) -> ConditionVerdict? {
        switch (self, value) {
        case (.texts(let patterns, let matching), .text(let text)):
            var verdict = ConditionVerdict.fails
            for pattern in patterns {
                verdict = verdict.or(pattern.verdict(on: text, matching: matching, in: context))
                if verdict == .holds { return .holds }
            }
            return verdict
        case (.numbers(let numbers, let relation), .number(let actual)):
            return ConditionVerdict(numbers.contains { relation.holds(actual, $0) })
        case (.flags(let flags), .flag(let actual)): return ConditionVerdict(flags.contains(actual))
        case (.ranges(let ranges), .address(let actual)):
            return ConditionVerdict(ranges.contains { $0.contains(actual) })
        default: return nil
        }
    }

    /// Whether the value, or each of its values, is of the type that it compares.
    func compares(_ value: ConditionValue) -> Bool {
        switch (self, value) {
        case (.absence, _), (.texts, .text), (.texts, .texts), (.numbers, .number), (.flags, .flag),
            (.ranges, .address):
            true
        default: false
        }
    }

    /// The keys that its variables name.
    var variables: Set<ConditionKey> {
        guard case .texts(let patterns, _) = self else { return [] }
        return Set(patterns.flatMap(\.variables))
    }
}

/// Reads the values of one line.
struct ConditionValueReader {
    let operatorName: String
    let key: ConditionKey

    func all<Value>(
        _ texts: [String], _ read: (String) throws(InvalidCondition) -> Value
    ) throws(InvalidCondition) -> [Value] {
        var values: [Value] = []
        for text in texts { values.append(try read(text)) }
        return values
    }

    func texts(_ texts: [String], matching: TextMatching) throws(InvalidCondition) -> [TextPattern] {
        var patterns: [TextPattern] = []
        for text in texts {
            guard !text.isEmpty else {
                throw fault(text, "is empty, and a key with an empty text is missing: use Null")
            }
            let variables = VariableReader(operatorName: operatorName, key: key)
            patterns.append(TextPattern(try variables.parts(of: text, wildcards: matching == .wildcards)))
        }
        return patterns
    }

    func flag(_ text: String) throws(InvalidCondition) -> Bool {
        switch text {
        case "true": return true
        case "false": return false
        default: throw fault(text, "must be true or false")
        }
    }

    func number(_ text: String) throws(InvalidCondition) -> Double {
        do throws(UnreadableScalar) {
            return switch key.type {
            case .date: try ScalarText.date(text)
            case .timeOfDay: try ScalarText.timeOfDay(text)
            default: try ScalarText.number(text)
            }
        } catch {
            throw fault(text, error.problem)
        }
    }

    func range(_ text: String) throws(InvalidCondition) -> AddressRange {
        do throws(UnreadableScalar) {
            return try AddressRange(text)
        } catch {
            throw fault(text, error.problem)
        }
    }

    private func fault(_ text: String, _ problem: String) -> InvalidCondition {
        InvalidCondition(operatorName: operatorName, key: key.name, value: text, problem)
    }
}
