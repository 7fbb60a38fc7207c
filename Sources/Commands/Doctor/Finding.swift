/// One thing that doctor looked at.
struct Finding: Encodable, Equatable {
    enum Level: String, Encodable {
        case ok, warning, problem
    }

    let level: Level
    /// What was looked at: `daemon`, `sign-in`, `proxy`, …
    let subject: String
    /// One sentence.
    let what: String
    /// What to do about it.
    var mend: String?

    static func ok(_ subject: String, _ what: String) -> Finding {
        Finding(level: .ok, subject: subject, what: what)
    }

    static func warning(_ subject: String, _ what: String, mend: String) -> Finding {
        Finding(level: .warning, subject: subject, what: what, mend: mend)
    }

    static func problem(_ subject: String, _ what: String, mend: String) -> Finding {
        Finding(level: .problem, subject: subject, what: what, mend: mend)
    }
}

enum FindingText {
    /// A line for each, with the mend.
    static func of(_ findings: [Finding], colours: Bool) -> String {
        findings.map { finding in
            let mark =
                switch finding.level {
                case .ok: "ok      "
                case .warning: "warning "
                case .problem: "PROBLEM "
                }
            let colour: Colour =
                switch finding.level {
                case .ok: .green
                case .warning: .yellow
                case .problem: .red
                }
            let text = "\(finding.subject): \(finding.what)" + (finding.mend.map { " To mend it: \($0)" } ?? "")
            return (colours ? colour.applied(to: mark) : mark) + TextTable.printable(text)
        }.joined(separator: "\n")
    }
}
