/// Collects what is wrong with a call's parameters, and says it all at once in AWS's words.
struct ConstraintReport {
    private var findings: [String] = []

    var isEmpty: Bool { findings.isEmpty }

    /// Notes that a parameter is missing; the path is AWS's, such as `tags.1.member.key`.
    mutating func missing(_ path: String) {
        add(value: "null", path: path, "Member must not be null")
    }

    mutating func check(_ value: String, at path: String, length: ClosedRange<Int>, pattern: TextPattern? = nil) {
        let count = value.unicodeScalars.count
        if count > length.upperBound {
            add(value: quoted(value), path: path, "Member must have length less than or equal to \(length.upperBound)")
        }
        if count < length.lowerBound {
            let constraint = "Member must have length greater than or equal to \(length.lowerBound)"
            add(value: quoted(value), path: path, constraint)
        }
        if let pattern, !pattern.matches(value) {
            let constraint = "Member must satisfy regular expression pattern: \(pattern.text)"
            add(value: quoted(value), path: path, constraint)
        }
    }

    mutating func check(_ value: Int, at path: String, range: ClosedRange<Int>) {
        if value > range.upperBound {
            add(
                value: quoted("\(value)"), path: path,
                "Member must have value less than or equal to \(range.upperBound)")
        }
        if value < range.lowerBound {
            let constraint = "Member must have value greater than or equal to \(range.lowerBound)"
            add(value: quoted("\(value)"), path: path, constraint)
        }
    }

    mutating func check(count: Int, at path: String, atMost limit: Int) {
        guard count > limit else { return }
        add(value: "'[]'", path: path, "Member must have length less than or equal to \(limit)")
    }

    /// Throws the ValidationError when there is any finding.
    func conclude() throws(STSFault) {
        guard !findings.isEmpty else { return }
        let noun = findings.count == 1 ? "error" : "errors"
        throw STSFault(
            .validationError, "\(findings.count) validation \(noun) detected: " + findings.joined(separator: "; "))
    }

    private mutating func add(value: String, path: String, _ constraint: String) {
        // A hostile call could have thousands of findings; AWS stops early too.
        guard findings.count < 20 else { return }
        findings.append("Value \(value) at '\(path)' failed to satisfy constraint: \(constraint)")
    }

    private func quoted(_ value: String) -> String {
        "'\(value.prefix(128))'"
    }
}

/// A set of characters that a whole text must consist of, with the pattern as AWS writes it.
struct TextPattern: Sendable {
    var text: String
    var allows: @Sendable (Unicode.Scalar) -> Bool

    func matches(_ value: String) -> Bool {
        value.unicodeScalars.allSatisfy(allows)
    }

    /// `\w` is ASCII only in AWS's patterns.
    private static func word(or others: String) -> @Sendable (Unicode.Scalar) -> Bool {
        let extra = Set(others.unicodeScalars)
        return { scalar in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "_": true
            default: extra.contains(scalar)
            }
        }
    }

    static let name = TextPattern(text: #"[\w+=,.@-]*"#, allows: word(or: "+=,.@-"))
    static let externalID = TextPattern(text: #"[\w+=,.@:\/-]*"#, allows: word(or: "+=,.@:/-"))
    static let serialNumber = TextPattern(text: #"[\w+=/:,.@-]*"#, allows: word(or: "+=/:,.@-"))
    static let digits = TextPattern(text: #"[\d]*"#) { ("0"..."9").contains($0) }
    /// Tab, line feed, carriage return and everything from U+0020: the characters of ARNs and policies.
    static let printable = TextPattern(text: #"[\u0009\u000A\u000D\u0020-\u00FF]+"#) { scalar in
        scalar == "\t" || scalar == "\n" || scalar == "\r" || (0x20...0xFF).contains(scalar.value)
    }
    static let arn = TextPattern(text: #"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD]+"#) {
        scalar in
        scalar.value >= 0x20 && scalar.value != 0x7F || scalar == "\t" || scalar == "\n" || scalar == "\r"
    }
    /// `[\p{L}\p{Z}\p{N}_.:/=+\-@]*`: letters, separators and numbers of any script.
    static let tag = TextPattern(text: #"[\p{L}\p{Z}\p{N}_.:/=+\-@]*"#) { scalar in
        if "_.:/=+-@".unicodeScalars.contains(scalar) { return true }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .spaceSeparator, .lineSeparator, .paragraphSeparator, .decimalNumber, .letterNumber, .otherNumber:
            return true
        default: return false
        }
    }
}
