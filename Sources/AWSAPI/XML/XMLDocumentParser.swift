/// Walks over the bytes of one XML document (XML 1.0, section 2, without everything that STS does not send).
struct XMLDocumentParser {
    private static let maximumDepth = 16
    private static let maximumElements = 512

    private let bytes: [UInt8]
    private var position = 0
    private var elements = 0

    /// `bytes` must be well-formed UTF-8.
    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func document() throws(XMLFault) -> XMLElement {
        if starts(with: "\u{FEFF}") { position += 3 }
        if starts(with: "<?xml ") { try skipDeclaration() }
        skipSpace()
        let root = try element(depth: 1)
        skipSpace()
        guard position == bytes.count else { throw fault("something follows the root element") }
        return root
    }

    private mutating func element(depth: Int) throws(XMLFault) -> XMLElement {
        elements += 1
        guard depth <= Self.maximumDepth, elements <= Self.maximumElements else { throw fault("it is too large") }
        try expect("<")
        var element = XMLElement(name: try name())
        try skipAttributes()
        if starts(with: "/>") {
            position += 2
            return element
        }
        try expect(">")
        while !starts(with: "</") {
            if starts(with: "<") {
                element.children.append(try self.element(depth: depth + 1))
            } else {
                element.text += try characters(until: UInt8(ascii: "<"))
            }
        }
        position += 2
        guard try name() == element.name else { throw fault("an end tag does not match its start tag") }
        skipSpace()
        try expect(">")
        return element
    }

    /// Attributes are checked and dropped: STS's only one is `xmlns`.
    private mutating func skipAttributes() throws(XMLFault) {
        while true {
            let hadSpace = skipSpace()
            guard position < bytes.count, bytes[position] != UInt8(ascii: ">"), bytes[position] != UInt8(ascii: "/")
            else { return }
            guard hadSpace else { throw fault("a blank is missing before an attribute") }
            _ = try name()
            skipSpace()
            try expect("=")
            skipSpace()
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") || bytes[position] == UInt8(ascii: "'")
            else { throw fault("an attribute has no quoted value") }
            let quote = bytes[position]
            position += 1
            _ = try characters(until: quote)
            position += 1
        }
    }

    /// Character data up to `end`, which must come; references are replaced.
    private mutating func characters(until end: UInt8) throws(XMLFault) -> String {
        var text: [UInt8] = []
        while position < bytes.count, bytes[position] != end {
            switch bytes[position] {
            case UInt8(ascii: "&"): text.append(contentsOf: try reference().utf8)
            case UInt8(ascii: "<"): throw fault("a < stands inside a value")
            case 0x00...0x08, 0x0B, 0x0C, 0x0E...0x1F: throw fault("a control character")
            default:
                text.append(bytes[position])
                position += 1
            }
        }
        guard position < bytes.count else { throw fault("it ends too early") }
        return String(decoding: text, as: UTF8.self)
    }

    /// One of the five predefined entities, or a character by its number.
    private mutating func reference() throws(XMLFault) -> String {
        guard let end = bytes[position...].prefix(12).firstIndex(of: UInt8(ascii: ";")) else {
            throw fault("a reference has no end")
        }
        let name = String(decoding: bytes[(position + 1)..<end], as: UTF8.self)
        guard let text = Self.entities[name] ?? Self.character(numbered: name) else {
            throw fault("an unknown reference")
        }
        position = end + 1
        return text
    }

    private static let entities = ["lt": "<", "gt": ">", "amp": "&", "quot": "\"", "apos": "'"]

    private static func character(numbered name: String) -> String? {
        let number =
            if name.hasPrefix("#x") {
                UInt32(name.dropFirst(2), radix: 16)
            } else if name.hasPrefix("#") {
                UInt32(name.dropFirst(1), radix: 10)
            } else {
                UInt32?.none
            }
        guard let number, let scalar = Unicode.Scalar(number) else { return nil }
        switch number {
        case 0x09, 0x0A, 0x0D, 0x20...0xFFFD, 0x1_0000...: return String(scalar)
        default: return nil
        }
    }
}

extension XMLDocumentParser {
    private mutating func skipDeclaration() throws(XMLFault) {
        while position < bytes.count, !starts(with: "?>") { position += 1 }
        try expect("?>")
    }

    @discardableResult
    private mutating func skipSpace() -> Bool {
        let start = position
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
        return position > start
    }

    private mutating func name() throws(XMLFault) -> String {
        let start = position
        while position < bytes.count, isNameByte(bytes[position], first: position == start) { position += 1 }
        guard position > start else { throw fault("a name is missing; only elements and text are expected") }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private func isNameByte(_ byte: UInt8, first: Bool) -> Bool {
        switch byte {
        case 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: ":"): true
        case 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "."): !first
        default: false
        }
    }

    private func starts(with text: String) -> Bool {
        bytes[position...].starts(with: text.utf8)
    }

    private mutating func expect(_ text: String) throws(XMLFault) {
        guard starts(with: text) else { throw fault("\"\(text)\" is missing") }
        position += text.utf8.count
    }

    private func fault(_ reason: String) -> XMLFault {
        XMLFault(offset: position, reason: reason)
    }
}
