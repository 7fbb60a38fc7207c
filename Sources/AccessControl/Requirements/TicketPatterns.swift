/// What a ticket must look like: at least one of these, in which `*` is any characters or none and `?` exactly one.
package struct TicketPatterns: RequirementTexts {
    /// As written; 1 to 16 of them.
    package let texts: [String]
    private let globs: [GlobPattern]

    package init(_ texts: [String]) throws(InvalidRequirement) {
        let field = "requirements.ticket"
        guard (1...16).contains(texts.count) else { throw InvalidRequirement(field, "must have 1 to 16 patterns") }
        if let text = texts.first(where: { !isTicket($0) }) {
            let what = "has the pattern \"\(excerpt(of: text))\", which no ticket can match"
            throw InvalidRequirement(field, "\(what): write 1 to 128 characters without blanks")
        }
        self.texts = texts
        globs = texts.map { text in
            GlobPattern(
                text.unicodeScalars.map { scalar in
                    switch scalar {
                    case "*": .many
                    case "?": .one
                    default: .literal(String(scalar))
                    }
                })
        }
    }

    func match(_ ticket: String) -> Bool { globs.contains { $0.matches(ticket) } }
}

/// Whether a text can name a ticket: 1...128 characters that show, without blanks.
package func isTicket(_ text: String) -> Bool {
    (1...128).contains(text.unicodeScalars.count)
        && text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .unassigned, .privateUse: false
            default: !scalar.properties.isWhitespace
            }
        }
}
