/// Takes a text of a block apart: literal text, wildcards, and variables `${key}` or `${key, 'default'}` (IAM user guide,
/// "Variables and tags"). `${*}`, `${?}` and `${$}` stand for the character itself.
struct VariableReader {
    let operatorName: String
    let key: ConditionKey

    /// Fails with the first variable that can't be read, or whose key has no single text.
    func parts(of text: String, wildcards: Bool) throws(InvalidCondition) -> [TextPattern.Part] {
        var parts: [TextPattern.Part] = []
        var rest = text.unicodeScalars[...]
        while let scalar = rest.first {
            if rest.starts(with: "${".unicodeScalars) {
                parts.append(try part(ofVariable: takeVariable(from: &rest, of: text), in: text))
                continue
            }
            rest.removeFirst()
            switch (scalar, wildcards) {
            case ("*", true): parts.append(.many)
            case ("?", true): parts.append(.one)
            default: parts.append(.literal(String(scalar)))
            }
        }
        return Self.merged(parts)
    }

    /// What stands between the braces, without them; quotes may hold braces.
    private func takeVariable(
        from rest: inout Substring.UnicodeScalarView, of text: String
    ) throws(InvalidCondition) -> String {
        rest.removeFirst(2)
        var isQuoted = false
        let end = rest.firstIndex { scalar in
            if scalar == "'" { isQuoted.toggle() }
            return scalar == "}" && !isQuoted
        }
        guard let end else { throw fault(text, "has a variable that doesn't end: write ${$} for a dollar sign") }
        let content = String(rest[..<end])
        rest = rest[end...].dropFirst()
        return content
    }

    private func part(ofVariable content: String, in text: String) throws(InvalidCondition) -> TextPattern.Part {
        if ["*", "?", "$"].contains(content) { return .literal(content) }
        let comma = content.firstIndex(of: ",")
        let name = Self.trimmed(content[..<(comma ?? content.endIndex)])
        let key = try ConditionKey(parsing: name, under: operatorName, value: text)
        switch key.type {
        case .text, .claim: break
        case .texts: throw fault(text, "has a variable of several values: \(key.name)")
        default: throw fault(text, "has a variable that is \(key.type.noun), not a text: \(key.name)")
        }
        guard let comma else { return .variable(key, default: nil) }
        let quoted = Self.trimmed(content[content.index(after: comma)...])
        let standIn = quoted.dropFirst().dropLast()
        guard quoted.utf8.count >= 2, quoted.hasPrefix("'"), quoted.hasSuffix("'"), !standIn.contains("'") else {
            throw fault(text, "has a variable with an unreadable default: write ${\(key.name), 'default'}")
        }
        return .variable(key, default: String(standIn))
    }

    private func fault(_ text: String, _ problem: String) -> InvalidCondition {
        InvalidCondition(operatorName: operatorName, key: key.name, value: text, problem)
    }

    private static func trimmed(_ text: Substring) -> String {
        guard let first = text.firstIndex(where: { $0 != " " }), let last = text.lastIndex(where: { $0 != " " }) else {
            return ""
        }
        return String(text[first...last])
    }

    private static func merged(_ parts: [TextPattern.Part]) -> [TextPattern.Part] {
        parts.reduce(into: []) { merged, part in
            guard case .literal(let text) = part, case .literal(let previous) = merged.last else {
                merged.append(part)
                return
            }
            merged[merged.count - 1] = .literal(previous + text)
        }
    }
}
