import Credentials
import FoundationEssentials

/// The inline session policy that whoever asks gives themselves. It is kept, shown to approvers and sent in one form, so that all
/// of them read the same: of a JSON key that stands there twice, say.
package enum RequestedInlinePolicy {
    /// The most that its form may have (STS AssumeRole, `Policy`).
    private static let mostCharacters = 2048
    /// The most bytes that are looked at, white space included.
    private static let mostBytes = 16 * 1024

    /// It in that form: without white space, keys in order, in ASCII.
    package static func normalized(_ text: String) throws(InvalidInlinePolicy) -> String {
        guard text.utf8.count <= mostBytes else { throw .notAPolicy("it is over \(mostBytes) bytes long") }
        let policy = try IAMPolicyForm.check(text)
        guard let normalized = ClaimValue.object(policy).json() else { throw .notAPolicy("it is no JSON") }
        guard normalized.utf8.count <= mostCharacters else {
            throw .notAPolicy("it has \(normalized.utf8.count) characters, and STS takes \(mostCharacters)")
        }
        return normalized
    }

    /// It in lines, for people.
    package static func readable(_ text: String) -> String {
        guard let value = try? JSONDecoder().decode(ClaimValue.self, from: Data(text.utf8)) else { return text }
        return value.json(.prettyPrinted) ?? text
    }

    /// `requested` as the only session policy: without anything that it allows, the session could do nothing.
    static func alone(_ requested: String) throws(InvalidInlinePolicy) -> String {
        guard statements(of: try IAMPolicyForm.check(requested)).contains(where: { $0["Effect"] == .string("Allow") })
        else { throw .allowsNothing }
        return requested
    }

    /// `own` with the statements of `requested`, which only deny.
    static func joined(_ own: String?, denying requested: String) throws(InvalidInlinePolicy) -> String {
        let denied = statements(of: try IAMPolicyForm.check(requested))
        guard denied.allSatisfy({ $0["Effect"] == .string("Deny") }) else { throw .allowsBeside }
        guard let own else { return requested }
        var policy = try IAMPolicyForm.check(own)
        let kept = statements(of: policy)
        // The empty text is none.
        let taken = kept.compactMap { $0["Sid"] }.filter { $0 != .string("") }
        for case .string(let sid)? in denied.map({ $0["Sid"] }) where taken.contains(.string(sid)) {
            throw .sidTaken(sid)
        }
        policy["Statement"] = .array((kept + denied).map(ClaimValue.object))
        guard let joined = ClaimValue.object(policy).json() else { throw .notAPolicy("it is no JSON") }
        return joined
    }

    /// Of a policy whose form is checked.
    private static func statements(of policy: [String: ClaimValue]) -> [[String: ClaimValue]] {
        let value = policy["Statement"]
        let all = if case .array(let elements)? = value { elements } else { value.map { [$0] } ?? [] }
        return all.compactMap { if case .object(let statement) = $0 { statement } else { nil } }
    }
}
