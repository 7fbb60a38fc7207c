import FoundationEssentials

/// Decodes JSON that strangers may have written.
package enum StrictJSON {
    private static let maximumDepth = 16

    /// `nil` if it is not JSON of that shape, or nested so deeply that decoding it would cost stack.
    package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) -> Value? {
        // JSON is UTF-8 (RFC 8259 section 8.1), where no byte is zero. The decoder would take UTF-16 too, in which
        // brackets can't be counted by byte.
        guard !bytes.contains(0), isShallow(bytes) else { return nil }
        return try? JSONDecoder().decode(type, from: Data(bytes))
    }

    private static func isShallow(_ bytes: [UInt8]) -> Bool {
        var depth = 0
        var isInText = false
        var isEscaped = false
        for byte in bytes {
            if isEscaped {
                isEscaped = false
            } else if isInText {
                if byte == UInt8(ascii: "\\") { isEscaped = true }
                if byte == UInt8(ascii: "\"") { isInText = false }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isInText = true
                case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
                case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
                default: break
                }
                if depth > maximumDepth { return false }
            }
        }
        return true
    }
}
