/// Why a condition cannot be used: where in the block, and the rule it breaks.
package struct InvalidCondition: Error, Equatable, Sendable, CustomStringConvertible {
    /// As written; `nil` when the whole block is meant.
    package let operatorName: String?
    /// As written; `nil` when the operator is meant.
    package let key: String?
    /// As written; `nil` when the operator or the key is meant.
    package let value: String?
    /// Continues a sentence that begins with the place.
    package let problem: String

    package init(operatorName: String? = nil, key: String? = nil, value: String? = nil, _ problem: String) {
        self.operatorName = operatorName
        self.key = key
        self.value = value
        self.problem = problem
    }

    /// One line; what was written is cut and freed of what would break a line.
    package var description: String {
        let names = [operatorName, key].compactMap { $0.map(excerpt(of:)) }
        let place = names + (value.map { ["\"\(excerpt(of: $0))\""] } ?? [])
        return place.isEmpty ? problem : "\(place.joined(separator: " ")) \(problem)"
    }
}

/// The beginning of a text that somebody else wrote, on one line.
func excerpt(of text: String) -> String {
    let longest = 120
    var line = String.UnicodeScalarView()
    for scalar in text.unicodeScalars.prefix(longest) {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: line.append(" ")
        default: line.append(scalar)
        }
    }
    return String(line) + (text.unicodeScalars.dropFirst(longest).isEmpty ? "" : "…")
}
