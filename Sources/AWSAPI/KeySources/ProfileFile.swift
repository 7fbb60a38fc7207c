/// An AWS configuration or credentials file (AWS SDKs and Tools Reference Guide, "Shared config and credentials files").
struct ProfileFile: Sendable, Equatable {
    enum Kind: Sendable {
        /// `~/.aws/config`, where a section is `[default]` or `[profile NAME]`.
        case config
        /// `~/.aws/credentials`, where a section is `[NAME]`.
        case credentials
    }

    /// Settings by profile; their names are in lower case.
    private(set) var profiles: [String: [String: String]] = [:]

    /// Reads the whole text. Sections that are no profiles, and settings below a setting, are passed over.
    init(_ text: String, kind: Kind) throws(ProfileFileFault) {
        var profile: String?
        // CRLF, as editors on Windows write it, is one Character, and not equal to "\n".
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        for (index, line) in lines.enumerated() {
            let content = Self.trimmed(line)
            guard let first = content.first, first != "#", first != ";" else { continue }
            if first == "[" {
                guard let end = content.firstIndex(of: "]") else { throw ProfileFileFault(line: index + 1) }
                profile = Self.profile(Self.trimmed(content[content.index(after: content.startIndex)..<end]), in: kind)
                if let profile { profiles[profile, default: [:]].merge([:]) { old, _ in old } }
            } else if line.first != " ", line.first != "\t" {
                guard let equals = content.firstIndex(of: "=") else { throw ProfileFileFault(line: index + 1) }
                guard let profile else { continue }
                let name = Self.trimmed(content[..<equals]).lowercased()
                profiles[profile]?[name] = Self.value(content[content.index(after: equals)...])
            }
        }
    }

    private static func profile(_ section: Substring, in kind: Kind) -> String? {
        let words = section.split { $0 == " " || $0 == "\t" }
        switch (kind, words.count) {
        case (.credentials, 1...): return String(section)
        case (.config, 1) where words[0] == "default": return "default"
        case (.config, 2...) where words[0] == "profile": return String(trimmed(section.dropFirst("profile".count)))
        default: return nil
        }
    }

    /// Without the comment that a blank and `#` or `;` begin.
    private static func value(_ text: Substring) -> String {
        var end = text.endIndex
        for mark in [" #", " ;", "\t#", "\t;"] {
            if let range = text.firstRange(of: mark) { end = min(end, range.lowerBound) }
        }
        return String(trimmed(text[..<end]))
    }

    private static func trimmed(_ text: Substring) -> Substring {
        func isSpace(_ character: Character) -> Bool { character.isWhitespace }
        let start = text.drop(while: isSpace)
        guard let last = start.lastIndex(where: { !isSpace($0) }) else { return "" }
        return start[...last]
    }
}

/// Where a profile file can't be read. What stands there may be a secret, so it isn't quoted.
struct ProfileFileFault: Error, Equatable {
    /// From 1.
    let line: Int
}
