/// Why a configuration can't be used, as one line: `FILE:LINE:COLUMN: MESSAGE`.
package struct InvalidYAML: Error, Sendable, Equatable, CustomStringConvertible {
    package let file: String
    /// Where in the file; `nil` when the fault isn't at one place, or lies in the environment.
    package let position: SourcePosition?
    package let message: String

    /// - Parameter message: may quote the file; what would break the line is replaced, and a long text cut.
    package init(file: String, position: SourcePosition?, message: String) {
        self.file = file
        self.position = position
        self.message = Self.line(message)
    }

    package var description: String {
        guard let position else { return "\(file): \(message)" }
        return "\(file):\(position.line):\(position.column): \(message)"
    }

    private static let longestMessage = 400

    private static func line(_ text: String) -> String {
        var line = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(longestMessage) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: line.append(" ")
            default: line.append(scalar)
            }
        }
        return String(line) + (text.unicodeScalars.dropFirst(longestMessage).isEmpty ? "" : "…")
    }
}

/// A place in a text; both count from 1.
package struct SourcePosition: Sendable, Hashable {
    package let line: Int
    package let column: Int
}
