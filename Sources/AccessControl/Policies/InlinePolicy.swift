import FoundationEssentials

/// A policy's inline session policy: an IAM policy in JSON, in which `{{tag/KEY}}` stands for the value of the session tag
/// `KEY`. IAM's own variables, `${…}`, stay as they are.
struct InlinePolicy: Sendable, Hashable {
    private enum Part: Sendable, Hashable {
        case text(String)
        case tag(String)
    }

    private let parts: [Part]

    /// Fails if the text has a placeholder that isn't one of `tags`, or touches one of IAM's variables. Whether it is an IAM policy that a
    /// session can have, without placeholders in its keys, ``IAMPolicyForm`` says.
    init(_ text: String, tags: [String]) throws(InvalidInlinePolicy) {
        parts = try Self.parts(of: text)
        // JSON turns them into what was looked for in vain.
        let lowered = text.lowercased()
        if parts.count > 1, let escape = Self.escapes.first(where: { lowered.contains($0) }) { throw .escaped(escape) }
        for case .tag(let key) in parts where !tags.contains(key) {
            let hint = Spelling.hint(Spelling.closest(to: key, among: tags).map { "{{tag/\($0)}}" })
            throw .unknownTag(key, hint: hint)
        }
    }

    /// `$`, `{` and `}`.
    private static let escapes = [#"\u0024"#, #"\u007b"#, #"\u007d"#]

    /// The policy of a session with these tags. Each value is written so that it stays what it is in JSON; one that could mean
    /// more than itself to IAM is refused.
    func filled(with tags: [PolicyTag]) throws(InvalidInlinePolicy) -> String {
        var text = ""
        for part in parts {
            switch part {
            case .text(let literal): text += literal
            case .tag(let key):
                guard let tag = tags.first(where: { $0.key == key }) else { throw .unknownTag(key, hint: "") }
                text += try Self.escaped(tag)
            }
        }
        return text
    }

    /// `*` and `?` are wildcards, `$` begins a variable; nothing at all would widen `prefix/{{tag/x}}*`.
    private static func escaped(_ tag: PolicyTag) throws(InvalidInlinePolicy) -> String {
        guard !tag.value.isEmpty, !tag.value.unicodeScalars.contains(where: { "*?$".unicodeScalars.contains($0) })
        else {
            throw .widening(key: tag.key)
        }
        return tag.value.utf16.reduce(into: "") { text, unit in
            switch unit {
            case 0x22, 0x5C, ..<0x20, 0x7F...: text += jsonEscape(unit)
            default: text.unicodeScalars.append(Unicode.Scalar(UInt8(truncatingIfNeeded: unit)))
            }
        }
    }

    /// By bytes, as JSON is read: to Swift's characters, a brace that an accent follows is no brace.
    private static func parts(of text: String) throws(InvalidInlinePolicy) -> [Part] {
        var parts: [Part] = []
        var rest = Array(text.utf8)[...]
        while let open = firstIndex(of: "{{", in: rest) {
            let before = rest[..<open]
            let inside = rest[(open + 2)...]
            guard let close = firstIndex(of: "}}", in: inside) else { throw .unreadable }
            let name = inside[..<close]
            guard name.starts(with: "tag/".utf8), name.count > 4 else { throw .unreadable }
            guard !endsInVariable(before) else { throw .inVariable }
            parts += [.text(string(before)), .tag(key(string(name.dropFirst(4))))]
            rest = rest[(close + 2)...]
        }
        return parts + [.text(string(rest))]
    }

    /// Whether what follows `text` belongs to one of IAM's `${…}`, or begins one: a value there would choose the variable.
    private static func endsInVariable(_ text: ArraySlice<UInt8>) -> Bool {
        if text.last == UInt8(ascii: "$") { return true }
        var rest = text
        while let begin = firstIndex(of: "${", in: rest) {
            let name = rest[(begin + 2)...]
            guard let end = name.firstIndex(of: UInt8(ascii: "}")) else { return true }
            rest = name[(end + 1)...]
        }
        return false
    }

    /// Where the two bytes of `pair` first stand side by side.
    private static func firstIndex(of pair: StaticString, in text: ArraySlice<UInt8>) -> Int? {
        let (first, second) = pair.withUTF8Buffer { ($0[0], $0[1]) }
        return text.indices.dropLast().first { text[$0] == first && text[$0 + 1] == second }
    }

    private static func string(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    /// The key that stands in JSON as `text`: ``RequestedInlinePolicy``'s form, for one, escapes what isn't ASCII.
    private static func key(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "\\")) else { return text }
        return (try? JSONDecoder().decode(String.self, from: Data("\"\(text)\"".utf8))) ?? text
    }
}

/// Why an inline session policy can't be used.
package enum InvalidInlinePolicy: Error, Equatable, CustomStringConvertible {
    case notAPolicy(String)
    case unreadable
    case inVariable
    /// It has placeholders, and writes a part of IAM's variables or of placeholders in that way.
    case escaped(String)
    case inKey
    case unknownTag(String, hint: String)
    /// The value of that tag.
    case widening(key: String)
    /// It is the only session policy, and has Deny alone.
    case allowsNothing
    /// It allows something beside session policies that allow something.
    case allowsBeside
    case sidTaken(String)

    /// Completes the sentence "inline_policy …".
    package var description: String {
        switch self {
        case .notAPolicy(let problem): "must be an IAM policy as JSON text, but \(problem)"
        case .unreadable: "has a placeholder that can't be read: write {{tag/KEY}}"
        case .inVariable: "has a placeholder within or behind the beginning of one of IAM's variables, ${…}"
        case .escaped(let escape): "writes a \(escape) beside placeholders: write $, { and } as they are"
        case .inKey: "has a placeholder in a key: they stand in values only"
        case .unknownTag(let key, let hint):
            "has {{tag/\(excerpt(of: key))}}, which is no tag of the policy\(hint)"
        case .widening(let key):
            "can't take the value of the tag \"\(excerpt(of: key))\": it is empty, or has *, ? or $, which IAM would read as more"
        case .allowsNothing:
            "has no Statement that allows something, so the session could do nothing: allow what is needed, as far as the role may do it"
        case .allowsBeside:
            "has a Statement that allows something, which would widen the policy's own session policies: only Deny can narrow them"
        case .sidTaken(let sid): "has the Sid \"\(excerpt(of: sid))\", which the policy's own inline_policy has"
        }
    }
}
