/// Bytes of a request's head, where they were received. Good only as long as those are.
package struct FieldText {
    let bytes: UnsafeRawBufferPointer

    package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    init(_ bytes: Slice<UnsafeRawBufferPointer>) { self.bytes = UnsafeRawBufferPointer(rebasing: bytes) }

    var count: Int { bytes.count }
    var string: String { String(decoding: bytes, as: UTF8.self) }

    /// Whether this is the name `lowercased`, in any case of letters (RFC 9110 §5.1).
    func isField(_ lowercased: StaticString) -> Bool {
        count == lowercased.utf8CodeUnitCount && beginsField(lowercased)
    }

    /// Whether this begins with the name `lowercased`, in any case of letters.
    func beginsField(_ lowercased: StaticString) -> Bool {
        guard count >= lowercased.utf8CodeUnitCount else { return false }
        return lowercased.withUTF8Buffer { expected in
            expected.indices.allSatisfy { index in
                let byte = bytes[index]
                let isCapital = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                return (isCapital ? byte | 0x20 : byte) == expected[index]
            }
        }
    }

    /// Whether one of the parts between commas is `lowercased`, in any case of letters (RFC 9110 §5.6.1).
    func hasElement(_ lowercased: StaticString) -> Bool {
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: ",")) {
            if FieldText(rest[..<end]).trimmed.isField(lowercased) { return true }
            rest = rest[(end + 1)...]
        }
        return FieldText(rest).trimmed.isField(lowercased)
    }

    /// Without the spaces and tabs around it.
    var trimmed: FieldText {
        guard let first = bytes.firstIndex(where: { !Self.isBlank($0) }),
            let last = bytes.lastIndex(where: { !Self.isBlank($0) })
        else { return FieldText(bytes[..<bytes.startIndex]) }
        return FieldText(bytes[first...last])
    }

    /// Whether this is a token: at least one character, and none but letters, digits and a few signs (RFC 9110 §5.6.2).
    var isToken: Bool { !bytes.isEmpty && bytes.allSatisfy(ByteSet.token.contains) }

    /// Whether this may be a field's value: no control character but the tab (RFC 9110 §5.5, where more may be let pass).
    var isFieldValue: Bool { bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 } }

    /// Whether this may be a request target: visible ASCII characters only (RFC 9112 §3.2, RFC 3986 §2).
    var isTarget: Bool { !bytes.isEmpty && bytes.allSatisfy { (0x21...0x7E).contains($0) } }

    /// A decimal number, of digits only; `nil` if it isn't one, or more than an `Int` holds.
    var number: Int? { number(radix: 10) }

    /// A hexadecimal number.
    var hexadecimalNumber: Int? { number(radix: 16) }

    private func number(radix: Int) -> Int? {
        guard let first = bytes.first, first != UInt8(ascii: "+"), first != UInt8(ascii: "-") else { return nil }
        return Int(string, radix: radix)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}

/// A set of ASCII characters.
private struct ByteSet {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    init(_ members: String) {
        for byte in members.utf8 where byte < 64 { low |= 1 << UInt64(byte) }
        for byte in members.utf8 where byte >= 64 { high |= 1 << UInt64(byte - 64) }
    }

    func contains(_ byte: UInt8) -> Bool {
        guard byte < 128 else { return false }
        return (byte < 64 ? low >> UInt64(byte) : high >> UInt64(byte - 64)) & 1 == 1
    }

    static let token = ByteSet(
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
}
