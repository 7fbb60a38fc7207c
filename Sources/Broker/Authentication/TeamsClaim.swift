import AccessControl

/// Teams written as one text, as identity providers do it that can't put a list into a claim.
///
/// Accepted: names separated by commas, blanks or both; one pair of brackets around all of it; a pair of double quotes
/// around a name. `a,b`, `a b`, `[a, b]` and `["a","b"]` all mean a and b. Anything unbalanced means nothing.
enum TeamsClaim {
    /// The most teams that a principal may have.
    static let most = 200

    /// `nil` if the text is none of the accepted forms. Blank text, or brackets around nothing, is no teams.
    static func names(in text: String) -> [String]? {
        guard let list = unwrapped(trimmed(text[...]), open: "[", close: "]") else { return nil }
        if trimmed(list).isEmpty { return [] }
        var names: [String] = []
        for field in list.split(separator: ",", omittingEmptySubsequences: false) {
            let words = field.split(whereSeparator: \.isWhitespace)
            guard !words.isEmpty else { return nil }
            for word in words {
                guard let name = unwrapped(word, open: "\"", close: "\""), isTeamName(name) else { return nil }
                names.append(String(name))
            }
        }
        return names
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let start = text.drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return start[...last]
    }

    /// The text without its wrapping; `nil` if it has only one half of it.
    private static func unwrapped(_ text: Substring, open: Character, close: Character) -> Substring? {
        guard text.first == open || text.last == close else { return text }
        guard text.count >= 2, text.first == open, text.last == close else { return nil }
        return text.dropFirst().dropLast()
    }
}
