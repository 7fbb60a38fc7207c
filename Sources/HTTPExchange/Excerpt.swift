/// Text from outside, made fit for one line of a message: bounded, and without control characters.
package enum Excerpt {
    /// At most `limit` characters, each printable; `…` stands for what was cut.
    package static func line(_ text: String, limit: Int = 256) -> String {
        var line = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(limit) {
            line.append(isPrintable(scalar) ? scalar : " ")
        }
        return String(line) + (text.unicodeScalars.dropFirst(limit).isEmpty ? "" : "…")
    }

    /// The same in double quotes.
    package static func quoted(_ text: String) -> String {
        "\"\(line(text, limit: 64))\""
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
