/// Finds the name that somebody meant.
enum Spelling {
    /// The first of the closest names, if one is close: at most a quarter of the letters, or two, are wrong. Case
    /// doesn't count.
    static func closest(to text: String, among names: [String]) -> String? {
        guard text.utf8.count <= ConditionLimits.nameBytes else { return nil }
        let written = Array(asciiLowercased(text).unicodeScalars)
        let most = max(2, written.count / 4)
        return names.lazy
            .map { name in (name, distance(written, Array(asciiLowercased(name).unicodeScalars))) }
            .filter { $0.1 <= most }
            .min { $0.1 < $1.1 }?.0
    }

    /// "; did you mean X?", or nothing.
    static func hint(_ name: String?) -> String { name.map { "; did you mean \(excerpt(of: $0))?" } ?? "" }

    /// How many letters to insert, drop or replace (Levenshtein), row by row.
    static func distance(_ one: [Unicode.Scalar], _ other: [Unicode.Scalar]) -> Int {
        var row = Array(0...other.count)
        for (line, letter) in one.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for (column, candidate) in other.enumerated() {
                let replaced = diagonal + (letter == candidate ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
            }
        }
        return row[other.count]
    }
}

/// The text with A to Z in lower case and all else as it is: names and `…IgnoreCase` operators know no other letters, so
/// that no letter of another script can pass for one of ours.
func asciiLowercased(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 != asciiLowercased($0) }) else { return text }
    return String(decoding: text.utf8.map(asciiLowercased), as: UTF8.self)
}

/// The same for one byte of UTF-8.
@inline(__always)
func asciiLowercased(_ byte: UInt8) -> UInt8 {
    byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
}
