import FoundationEssentials

/// Unpredictable texts for codes, tokens and keys.
package enum RandomText {
    /// URL-safe, without padding.
    package static func urlSafe(bytes count: Int) -> String {
        base64URL(bytes(count))
    }

    /// The plain alphabet, with `+`, `/` and `=`: AWS's secrets and session tokens look like this.
    package static func base64(bytes count: Int) -> String {
        Data(bytes(count)).base64EncodedString()
    }

    /// `count` characters of an alphabet.
    package static func characters(_ count: Int, of alphabet: String) -> String {
        let characters = Array(alphabet)
        return String((0..<count).compactMap { _ in characters.randomElement() })
    }

    package static func base64URL(_ bytes: some Sequence<UInt8>) -> String {
        let text = Data(bytes).base64EncodedString()
        return String(
            text.compactMap { character -> Character? in
                switch character {
                case "+": "-"
                case "/": "_"
                case "=": nil
                default: character
                }
            })
    }

    /// Eight at a time: each number is a system call.
    private static func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        while bytes.count < count {
            withUnsafeBytes(of: generator.next() as UInt64) { bytes.append(contentsOf: $0.prefix(count - bytes.count)) }
        }
        return bytes
    }
}
