/// Base64 with the URL-safe alphabet and without padding (RFC 4648 section 5).
package enum Base64URL {
    package static func text(_ bytes: some Sequence<UInt8>) -> String {
        var characters: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 6 {
                count -= 6
                characters.append(alphabet[Int(bits >> UInt32(count) & 0x3F)])
            }
        }
        if count > 0 { characters.append(alphabet[Int(bits << UInt32(6 - count) & 0x3F)]) }
        return String(decoding: characters, as: UTF8.self)
    }

    /// The same bytes with the standard alphabet and padding (section 4 there), as `Authorization: Basic` has them.
    package static func standardText(_ bytes: some Sequence<UInt8>) -> String {
        let text = text(bytes)
        let standard = text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: byte
            }
        }
        return String(decoding: standard, as: UTF8.self) + String(repeating: "=", count: (4 - standard.count % 4) % 4)
    }

    /// The bytes, or `nil` for anything but the one canonical spelling: no padding, no blanks, no stray bits at the end.
    package static func bytes(_ text: some Collection<UInt8>) -> [UInt8]? {
        let text = Array(text)
        var bytes = [UInt8](repeating: 0, count: text.count * 3 / 4)
        guard text.count % 4 != 1, bytes.withUnsafeMutableBytes({ decode(text, into: $0) }) else { return nil }
        return bytes
    }

    /// Calls `body` with the bytes of `text`, which live on the stack. `nil` unless it is the one canonical encoding of
    /// exactly `count` bytes.
    package static func withBytes<Result>(
        of text: String, count: Int, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result? {
        guard text.utf8.count == (count * 8 + 5) / 6 else { return nil }
        return withUnsafeTemporaryAllocation(byteCount: count, alignment: 8) { bytes in
            decode(text.utf8, into: bytes) ? body(UnsafeRawBufferPointer(bytes)) : nil
        }
    }

    private static func decode(_ text: some Sequence<UInt8>, into bytes: UnsafeMutableRawBufferPointer) -> Bool {
        var bits: UInt32 = 0
        var count = 0
        var index = 0
        for character in text {
            guard let value = value(of: character) else { return false }
            bits = bits << 6 | value
            count += 6
            guard count >= 8, index < bytes.count else { continue }
            count -= 8
            bytes[index] = UInt8(truncatingIfNeeded: bits >> UInt32(count))
            index += 1
        }
        // Left-over bits must be zero, or several texts would stand for the same bytes.
        return index == bytes.count && count < 6 && bits & ((1 << UInt32(count)) - 1) == 0
    }

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
}
