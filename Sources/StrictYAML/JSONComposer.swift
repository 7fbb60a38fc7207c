/// Makes the nodes of a YAML document out of a JSON text (RFC 8259), so that one type reads both. Stricter than JSON must be: no
/// key stands twice in an object.
///
/// libyaml reads most JSON, but not its escapes of characters beyond the basic plane.
struct JSONComposer {
    enum Limits {
        static let depth = 64
    }

    private let bytes: [UInt8]
    private let file: String
    private var index = 0
    private var line = 1
    private var lineStart = 0

    init(_ bytes: [UInt8], file: String) {
        self.bytes = bytes
        self.file = file
    }

    /// The only value.
    mutating func document() throws(InvalidYAML) -> YAMLNode {
        let node = try value(depth: 0)
        skipBlanks()
        guard index == bytes.count else { throw invalid("has something after its end") }
        return node
    }

    private mutating func value(depth: Int) throws(InvalidYAML) -> YAMLNode {
        guard depth <= Limits.depth else { throw invalid("is nested too deeply") }
        skipBlanks()
        let position = position
        switch peek {
        case UInt8(ascii: "{"): return try object(at: position, depth: depth)
        case UInt8(ascii: "["): return try array(at: position, depth: depth)
        case UInt8(ascii: "\""): return .scalar(text: try text(), isQuoted: true, position)
        default: return .scalar(text: try word(), isQuoted: false, position)
        }
    }

    private mutating func object(at position: SourcePosition, depth: Int) throws(InvalidYAML) -> YAMLNode {
        var entries: [YAMLNode.Entry] = []
        var keys: Set<String> = []
        index += 1
        skipBlanks()
        guard peek != UInt8(ascii: "}") else {
            index += 1
            return .mapping([], position)
        }
        while true {
            skipBlanks()
            let keyPosition = self.position
            guard peek == UInt8(ascii: "\"") else { throw invalid("must have a key in quotes here") }
            let key = try text()
            guard keys.insert(key).inserted else { throw invalid("has a key twice: \(key)", at: keyPosition) }
            skipBlanks()
            try take(":")
            entries.append(.init(key: key, keyPosition: keyPosition, value: try value(depth: depth + 1)))
            skipBlanks()
            if try isEnd("}") { return .mapping(entries, position) }
        }
    }

    private mutating func array(at position: SourcePosition, depth: Int) throws(InvalidYAML) -> YAMLNode {
        var elements: [YAMLNode] = []
        index += 1
        skipBlanks()
        guard peek != UInt8(ascii: "]") else {
            index += 1
            return .sequence([], position)
        }
        while true {
            elements.append(try value(depth: depth + 1))
            skipBlanks()
            if try isEnd("]") { return .sequence(elements, position) }
        }
    }

    /// After an element: whether that was the last one.
    private mutating func isEnd(_ bracket: Unicode.Scalar) throws(InvalidYAML) -> Bool {
        if peek == UInt8(ascii: bracket) {
            index += 1
            return true
        }
        try take(",")
        return false
    }

    /// `true`, `false`, `null` or a number, as it is written.
    private mutating func word() throws(InvalidYAML) -> String {
        let start = index
        while let byte = peek, !",]} \t\r\n:".utf8.contains(byte) { index += 1 }
        let word = String(decoding: bytes[start..<index], as: UTF8.self)
        guard ["true", "false", "null"].contains(word) || Self.isNumber(word.utf8[...]) else {
            index = start
            throw invalid(peek == nil ? "ends too early" : "must have a value here")
        }
        return word
    }

    /// RFC 8259, section 6.
    static func isNumber(_ text: Substring.UTF8View) -> Bool {
        var rest = text.first == UInt8(ascii: "-") ? text.dropFirst() : text
        let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
        let whole = rest.prefix(while: isDigit)
        guard !whole.isEmpty, whole.count == 1 || whole.first != UInt8(ascii: "0") else { return false }
        rest = rest.dropFirst(whole.count)
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst().prefix(while: isDigit)
            guard !fraction.isEmpty else { return false }
            rest = rest.dropFirst(fraction.count + 1)
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
            guard !rest.isEmpty, rest.allSatisfy(isDigit) else { return false }
            rest = rest.dropFirst(rest.count)
        }
        return rest.isEmpty
    }
}

extension JSONComposer {
    /// A text in quotes, without them.
    private mutating func text() throws(InvalidYAML) -> String {
        index += 1
        var unescaped: [UInt8] = []
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                index += 1
                guard let text = String(validating: unescaped, as: UTF8.self) else {
                    throw invalid("is not UTF-8 text")
                }
                return text
            case UInt8(ascii: "\\"): unescaped += Array(String(try escaped()).utf8)
            case 0..<0x20: throw invalid("has a control character in a text")
            default:
                unescaped.append(byte)
                index += 1
            }
        }
        throw invalid("ends in the middle of a text")
    }

    private mutating func escaped() throws(InvalidYAML) -> Unicode.Scalar {
        let names: [UInt8: Unicode.Scalar] = [
            UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/", UInt8(ascii: "b"): "\u{8}",
            UInt8(ascii: "f"): "\u{C}", UInt8(ascii: "n"): "\n", UInt8(ascii: "r"): "\r", UInt8(ascii: "t"): "\t",
        ]
        index += 1
        guard let name = peek else { throw invalid("ends in the middle of a text") }
        index += 1
        if let scalar = names[name] { return scalar }
        guard name == UInt8(ascii: "u") else { throw invalid("has an unknown escape in a text") }
        let first = try codeUnit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        // The second half of a surrogate pair (RFC 8259, section 7).
        guard (0xD800..<0xDC00).contains(first), bytes[index...].starts(with: "\\u".utf8) else {
            throw invalid("has half a character in a text")
        }
        index += 2
        let second = try codeUnit()
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (UInt32(first - 0xD800) << 10) + UInt32(second - 0xDC00))
        else { throw invalid("has half a character in a text") }
        return scalar
    }

    private mutating func codeUnit() throws(InvalidYAML) -> UInt16 {
        let digits = bytes[index...].prefix(4)
        let isHexadecimal = digits.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
        }
        guard digits.count == 4, isHexadecimal,
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw invalid("has an unknown escape in a text") }
        index += 4
        return unit
    }

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private var position: SourcePosition { SourcePosition(line: line, column: index - lineStart + 1) }

    private mutating func take(_ character: Unicode.Scalar) throws(InvalidYAML) {
        guard peek == UInt8(ascii: character) else {
            throw invalid(peek == nil ? "ends too early" : "must have \"\(character)\" here")
        }
        index += 1
    }

    private mutating func skipBlanks() {
        while let byte = peek, " \t\r\n".utf8.contains(byte) {
            index += 1
            if byte == UInt8(ascii: "\n") { (line, lineStart) = (line + 1, index) }
        }
    }

    private func invalid(_ what: String, at position: SourcePosition? = nil) -> InvalidYAML {
        InvalidYAML(file: file, position: position ?? self.position, message: "is not JSON: \(what)")
    }
}
