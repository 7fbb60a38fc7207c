import Credentials
import Glibc

/// Writes one flat JSON object in the layout of the real service, `  "Name" : "value"` a line, in the order of the calls.
struct JSONObjectText {
    private var bytes: [UInt8]

    init(capacity: Int = 512) {
        bytes = []
        bytes.reserveCapacity(capacity)
        bytes.append(UInt8(ascii: "{"))
    }

    mutating func add(_ name: StaticString, _ value: String?) {
        begin(name)
        guard let value else { return append("null") }
        bytes.append(UInt8(ascii: "\""))
        for byte in value.utf8 { appendEscaped(byte) }
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func add(_ name: StaticString, _ value: Secret) {
        begin(name)
        bytes.append(UInt8(ascii: "\""))
        value.withBytes { for byte in $0 { appendEscaped(byte) } }
        bytes.append(UInt8(ascii: "\""))
    }

    /// The object as text.
    consuming func text() -> String {
        append("\n}")
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The object, leaving no copy behind.
    consuming func secret() -> Secret {
        append("\n}")
        let secret = Secret(bytes)
        bytes.withUnsafeMutableBytes { if let start = $0.baseAddress { explicit_bzero(start, $0.count) } }
        return secret
    }

    private mutating func begin(_ name: StaticString) {
        append(bytes.count == 1 ? "\n  \"" : ",\n  \"")
        append(name)
        append("\" : ")
    }

    private mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    /// RFC 8259 §7: quotation mark, reverse solidus and control characters must be escaped. DEL too, for terminals.
    private mutating func appendEscaped(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(byte)
        case 0..<0x20, 0x7F:
            append("\\u00")
            bytes.append(Self.hexadecimal(byte >> 4))
            bytes.append(Self.hexadecimal(byte & 0x0F))
        default:
            bytes.append(byte)
        }
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
}
