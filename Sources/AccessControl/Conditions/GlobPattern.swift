/// A text with wildcards. Matching remembers one `*` at a time, so it takes at most (length of the text × length of the
/// pattern) steps, and no memory.
struct GlobPattern: Sendable {
    private enum Element: Sendable, Hashable {
        case byte(UInt8)
        case one
        case many
    }

    private let elements: [Element]

    /// Variables must be resolved; one that isn't matches nothing of a text.
    init(_ parts: [TextPattern.Part]) {
        elements = parts.reduce(into: []) { elements, part in
            switch part {
            case .literal(let text): elements += text.utf8.lazy.map { .byte($0) }
            case .one: elements.append(.one)
            // Several in a row mean the same as one.
            case .many: if elements.last != .many { elements.append(.many) }
            case .variable: break
            }
        }
    }

    /// Whether the pattern covers the whole text.
    func matches(_ text: String) -> Bool {
        matches(text.utf8.span)
    }

    private func matches(_ text: Span<UInt8>) -> Bool {
        var (position, index) = (0, 0)
        /// The last `*`, and how far it has reached: always the beginning of a character.
        var star: (index: Int, reach: Int)?
        while position < text.count {
            switch index < elements.count ? elements[index] : nil {
            case .many:
                star = (index, position)
                index += 1
                continue
            case .one:
                position += Self.length(ofCharacterAt: position, in: text)
                index += 1
                continue
            case .byte(text[position]):
                position += 1
                index += 1
                continue
            case .byte, nil: break
            }
            guard let last = star else { return false }
            position = last.reach + Self.length(ofCharacterAt: last.reach, in: text)
            star = (last.index, position)
            index = last.index + 1
        }
        return elements[index...].allSatisfy { $0 == .many }
    }

    /// In bytes of UTF-8; a character is a Unicode scalar.
    private static func length(ofCharacterAt position: Int, in text: Span<UInt8>) -> Int {
        let length =
            switch text[position] {
            case 0xF0...: 4
            case 0xE0...: 3
            case 0xC0...: 2
            default: 1
            }
        return min(length, text.count - position)
    }
}
