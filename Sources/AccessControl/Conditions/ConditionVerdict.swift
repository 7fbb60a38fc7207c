/// Whether a condition holds, or which keys would have to be known to tell. Three-valued logic after Kleene: an unknown
/// part makes the whole unknown unless the other parts settle it.
///
/// IAM takes a missing key for a value that doesn't match, so that its negated operators and `ForAllValues:` hold by
/// absence. Here such a line is unknown, and what is unknown never works for the one who asks: ``permits`` and
/// ``forbids`` both decide against.
package enum ConditionVerdict: Sendable, Hashable {
    case holds
    case fails
    /// The keys on which the answer hinges: missing, with several values where one is wanted, or with a value that
    /// can't be judged. Never empty.
    case unknown(Set<ConditionKey>)

    /// For conditions that allow something: whether it surely holds.
    package var permits: Bool { self == .holds }

    /// For conditions that forbid something: whether it may hold.
    package var forbids: Bool { self != .fails }

    package init(_ holds: Bool) { self = holds ? .holds : .fails }

    /// Holds if this fails; unknown stays unknown.
    package var negated: ConditionVerdict {
        switch self {
        case .holds: .fails
        case .fails: .holds
        case .unknown: self
        }
    }

    /// Whether both hold.
    package func and(_ other: ConditionVerdict) -> ConditionVerdict {
        switch (self, other) {
        case (.fails, _), (_, .fails): .fails
        case (.holds, let verdict), (let verdict, .holds): verdict
        case (.unknown(let keys), .unknown(let more)): .unknown(keys.union(more))
        }
    }

    /// Whether at least one holds.
    package func or(_ other: ConditionVerdict) -> ConditionVerdict {
        switch (self, other) {
        case (.holds, _), (_, .holds): .holds
        case (.fails, let verdict), (let verdict, .fails): verdict
        case (.unknown(let keys), .unknown(let more)): .unknown(keys.union(more))
        }
    }
}

extension ConditionVerdict: CustomStringConvertible {
    package var description: String {
        switch self {
        case .holds: "holds"
        case .fails: "fails"
        case .unknown(let keys): "unknown without \(keys.map(\.name).sorted().joined(separator: ", "))"
        }
    }
}
