import FoundationEssentials

/// Any JSON, so that a policy can be looked at, and written anew as what was looked at.
enum JSONValue: Codable, Equatable {
    case object([String: JSONValue])
    case list([JSONValue])
    case text(String)
    case integer(Int64)
    case number(Double)
    case boolean(Bool)
    case null

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let members = try? container.decode([String: JSONValue].self) {
            self = .object(members)
        } else if let elements = try? container.decode([JSONValue].self) {
            self = .list(elements)
        } else if let boolean = try? container.decode(Bool.self) {
            self = .boolean(boolean)
        } else if let integer = try? container.decode(Int64.self) {
            self = .integer(integer)
        } else if container.decodeNil() {
            self = .null
        } else {
            self = .number(try container.decode(Double.self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .object(let members): try container.encode(members)
        case .list(let elements): try container.encode(elements)
        case .text(let text): try container.encode(text)
        case .integer(let integer): try container.encode(integer)
        case .number(let number): try container.encode(number)
        case .boolean(let boolean): try container.encode(boolean)
        case .null: try container.encodeNil()
        }
    }

    /// The same in ASCII, which all of STS's parameters take, with its keys in order; `nil` if it holds what no JSON can.
    func json(_ formatting: JSONEncoder.OutputFormatting = []) -> String? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting.union([.sortedKeys, .withoutEscapingSlashes])
        guard let data = try? encoder.encode(self) else { return nil }
        return String(decoding: data, as: UTF8.self).utf16.reduce(into: "") { text, unit in
            if unit < 0x7F {
                text.unicodeScalars.append(Unicode.Scalar(UInt8(truncatingIfNeeded: unit)))
            } else {
                text += jsonEscape(unit)
            }
        }
    }

    var isObject: Bool { if case .object = self { true } else { false } }

    /// One text, or a list of them.
    var isTexts: Bool {
        switch self {
        case .text: true
        case .list(let elements):
            !elements.isEmpty && elements.allSatisfy { if case .text = $0 { true } else { false } }
        default: false
        }
    }
}

/// The UTF-16 unit as `\uXXXX` (RFC 8259, section 7).
func jsonEscape(_ unit: UInt16) -> String {
    let digits = String(unit, radix: 16)
    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
}
