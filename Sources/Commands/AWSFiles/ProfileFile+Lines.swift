extension ProfileFile {
    /// Each with its end; the last one may have none.
    static func lines(of bytes: [UInt8]) -> [Line] {
        var lines: [Line] = []
        var indentation = 0
        var isInOption = false
        var isInSection = false
        for line in split(bytes) {
            let content = line.drop(while: isBlank)
            let indent = line.count - content.count
            let text = trimmed(String(decoding: content, as: UTF8.self))
            let kind: Line.Kind
            if text.isEmpty || text.hasPrefix("#") || text.hasPrefix(";") {
                kind = .blank
            } else if isInSection, isInOption, indent > indentation {
                kind = .continuation
            } else {
                indentation = indent
                kind = self.kind(of: text, isInSection: isInSection)
            }
            switch kind {
            case .header: (isInSection, isInOption) = (true, false)
            case .option: isInOption = true
            case .blank, .continuation, .other: break
            }
            lines.append(Line(bytes: Array(line), kind: kind))
        }
        return lines
    }

    private static func kind(of text: String, isInSection: Bool) -> Line.Kind {
        if text.hasPrefix("["), let end = text.lastIndex(of: "]"), text.index(after: text.startIndex) < end {
            return .header(normalized(String(text[text.index(after: text.startIndex)..<end])))
        }
        guard isInSection else { return .other }
        return .option(trimmed(String(text.prefix { !"=:".contains($0) })).lowercased())
    }

    private static func split(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let end = rest.firstIndex(of: 0x0A).map { $0 + 1 } ?? rest.endIndex
            lines.append(rest[..<end])
            rest = rest[end...]
        }
        return lines
    }

    /// `profile NAME` with one blank and without quotes.
    static func normalized(_ header: String) -> String {
        let words = header.split { $0 == " " || $0 == "\t" }
        guard words.first == "profile", words.count > 1 else { return trimmed(header) }
        let name = words.dropFirst().joined(separator: " ")
        let isQuoted = name.count > 1 && name.first == name.last && (name.first == "\"" || name.first == "'")
        return "profile \(isQuoted ? String(name.dropFirst().dropLast()) : name)"
    }

    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    /// CRLF is one Character, and it is a blank one.
    static func trimmed(_ text: String) -> String {
        let start = text.drop(while: \.isWhitespace)
        return String(start.reversed().drop(while: \.isWhitespace).reversed())
    }
}
