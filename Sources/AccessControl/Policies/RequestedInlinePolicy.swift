import FoundationEssentials

/// The inline session policy that whoever asks gives themselves. It is kept, shown to approvers and sent in one form, so that all
/// of them read the same: of a JSON key that stands there twice, say.
package enum RequestedInlinePolicy {
    /// The most that its form may have (STS AssumeRole, `Policy`).
    package static let mostCharacters = 2048

    /// It in that form: without white space, keys in order, in ASCII.
    package static func normalized(_ text: String) throws(InvalidInlinePolicy) -> String {
        let policy = try IAMPolicyForm.check(text)
        guard let normalized = JSONValue.object(policy).json() else { throw .notAPolicy("it is no JSON") }
        guard normalized.utf8.count <= mostCharacters else {
            throw .notAPolicy("it has \(normalized.utf8.count) characters, and STS takes \(mostCharacters)")
        }
        return normalized
    }

    /// It in lines, for people.
    package static func readable(_ text: String) -> String {
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)) else { return text }
        return value.json(.prettyPrinted) ?? text
    }

    /// `own` with the statements of `requested`, which only deny.
    static func joined(_ own: String?, denying requested: String) throws(InvalidInlinePolicy) -> String {
        let denied = statements(of: try IAMPolicyForm.check(requested))
        guard denied.allSatisfy({ $0["Effect"] == .text("Deny") }) else { throw .allowsBeside }
        guard let own else { return requested }
        var policy = try IAMPolicyForm.check(own)
        let kept = statements(of: policy)
        let taken = kept.compactMap { $0["Sid"] }
        for case .text(let sid)? in denied.map({ $0["Sid"] }) where taken.contains(.text(sid)) { throw .sidTaken(sid) }
        policy["Statement"] = .list((kept + denied).map(JSONValue.object))
        guard let joined = JSONValue.object(policy).json() else { throw .notAPolicy("it is no JSON") }
        return joined
    }

    /// Of a policy whose form is checked.
    private static func statements(of policy: [String: JSONValue]) -> [[String: JSONValue]] {
        let value = policy["Statement"]
        let all = if case .list(let elements)? = value { elements } else { value.map { [$0] } ?? [] }
        return all.compactMap { if case .object(let statement) = $0 { statement } else { nil } }
    }
}
