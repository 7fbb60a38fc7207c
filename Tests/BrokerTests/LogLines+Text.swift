import TestSupport

extension LogLines {
    /// All lines, for those who look for words anywhere.
    var text: String { lines.joined(separator: "\n") }
}
