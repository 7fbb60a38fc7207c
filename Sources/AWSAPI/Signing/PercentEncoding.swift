/// Percent-encoding as SigV4 wants it: everything but RFC 3986's unreserved characters becomes `%XX` in upper case
/// (IAM User Guide, "Create a signed AWS API request", `UriEncode()`).
enum PercentEncoding {
    static func encoded(_ text: String) -> String {
        encoded(text, keepingSlashes: false)
    }

    /// The same, with `/` left alone.
    static func encodedPath(_ path: String) -> String {
        encoded(path, keepingSlashes: true)
    }

    /// The same for a form's body, where a space is written `+`.
    static func encodedFormValue(_ text: String) -> String {
        encoded(text, keepingSlashes: false).replacing("%20", with: "+")
    }

    /// The text that was encoded; what is no `%XX` stays as it is.
    static func decoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func encoded(_ text: String, keepingSlashes: Bool) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if isUnreserved(byte) || (keepingSlashes && byte == UInt8(ascii: "/")) {
                bytes.append(byte)
            } else {
                bytes.append(UInt8(ascii: "%"))
                bytes.append(Hex.upper(byte >> 4))
                bytes.append(Hex.upper(byte & 0x0F))
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: byte == 0x2D || byte == 0x2E || byte == 0x5F || byte == 0x7E
        }
    }
}

/// Hexadecimal digits of half-bytes and the text of digests.
enum Hex {
    static func upper(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? 0x30 + nibble : 0x41 + nibble - 10
    }

    static func text(_ bytes: some Sequence<UInt8>) -> String {
        var digits: [UInt8] = []
        for byte in bytes {
            digits.append(lower(byte >> 4))
            digits.append(lower(byte & 0x0F))
        }
        return String(decoding: digits, as: UTF8.self)
    }

    private static func lower(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? 0x30 + nibble : 0x61 + nibble - 10
    }
}
