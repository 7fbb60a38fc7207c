/// Any JSON value: claims are an open set. Numbers are double-precision, exact up to 2^53.
package enum ClaimValue: Sendable, Equatable {
    case string(String)
    case number(Double)
    case bool(Bool)
    case array([ClaimValue])
    case object([String: ClaimValue])
    case null

    /// The text, if it is one.
    package var stringValue: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The Boolean, if it is one.
    package var boolValue: Bool? {
        if case .bool(let flag) = self { flag } else { nil }
    }

    /// The number, if it is one.
    package var numberValue: Double? {
        if case .number(let number) = self { number } else { nil }
    }

    /// The texts of an array in which every element is text; one text counts as an array of it. Else `nil`.
    package var stringValues: [String]? {
        switch self {
        case .string(let text): return [text]
        case .array(let values):
            let texts = values.compactMap(\.stringValue)
            return texts.count == values.count ? texts : nil
        default: return nil
        }
    }
}

extension ClaimValue: Codable {
    /// The most keys and places in lists that may lead to a value: deeper ones would cost stack. A claim in a token
    /// nests 15 levels at most, and what it is a part of adds one or two.
    private static let longestPath = 17

    /// Fails for what is nested too deeply, and for a number that double precision can't hold, with the path of the
    /// outermost value that has it.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard decoder.codingPath.count <= Self.longestPath else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "is nested too deeply")
        }
        // What is frequent comes first: each attempt that fails costs more than one that doesn't.
        if container.decodeNil() {
            self = .null
        } else if let text = try? container.decode(String.self) {
            self = .string(text)
        } else if let values = try? container.decode([ClaimValue].self) {
            self = .array(values)
        } else if let fields = try? container.decode([String: ClaimValue].self) {
            self = .object(fields)
        } else if let flag = try? container.decode(Bool.self) {
            self = .bool(flag)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "has what can't be held")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .string(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        case .bool(let flag): try container.encode(flag)
        case .array(let values): try container.encode(values)
        case .object(let fields): try container.encode(fields)
        case .null: try container.encodeNil()
        }
    }
}
