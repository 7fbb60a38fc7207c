/// Writes JSON without blanks.
enum JSONWriter {
    static func append(_ value: JSONValueEncoder.Slot.Value, to bytes: inout [UInt8]) {
        switch value {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .number(let text): bytes += text.utf8
        case .string(let text): append(text, to: &bytes)
        case .array(let elements):
            separated(elements, between: ("[", "]"), &bytes) { element, bytes in append(element.value, to: &bytes) }
        case .object(let members):
            separated(members.sorted { $0.key < $1.key }, between: ("{", "}"), &bytes) { member, bytes in
                append(member.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                append(member.value.value, to: &bytes)
            }
        }
    }

    private static func separated<Part>(
        _ parts: [Part], between brackets: (Unicode.Scalar, Unicode.Scalar), _ bytes: inout [UInt8],
        _ append: (Part, inout [UInt8]) -> Void
    ) {
        bytes.append(UInt8(ascii: brackets.0))
        for (index, part) in parts.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            append(part, &bytes)
        }
        bytes.append(UInt8(ascii: brackets.1))
    }

    /// RFC 8259 section 7: quotation mark, backslash and control characters must be escaped, nothing else.
    private static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0x0A: bytes += "\\n".utf8
            case 0x0D: bytes += "\\r".utf8
            case 0x09: bytes += "\\t".utf8
            case ..<0x20: bytes += "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
