import Credentials
import FoundationEssentials

/// JSON of an IAM policy, so that it can be looked at, and written anew as what was looked at.
extension ClaimValue {
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
    var isTexts: Bool { stringValues.map { !$0.isEmpty } ?? false }
}

/// The UTF-16 unit as `\u` and four hexadecimal digits, which JSON takes for any character (RFC 8259, section 7).
func jsonEscape(_ unit: UInt16) -> String {
    let digits = String(unit, radix: 16)
    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
}
