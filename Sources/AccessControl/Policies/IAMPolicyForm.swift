import Credentials
import FoundationEssentials

/// What every session policy must look like (IAM user guide, "JSON policy element reference"). What it means is for AWS to
/// say; this finds what AWS would refuse, before somebody waits for it.
enum IAMPolicyForm {
    /// The policy's parts, if it has that form.
    @discardableResult
    static func check(_ text: String) throws(InvalidInlinePolicy) -> [String: ClaimValue] {
        guard let json = try? JSONDecoder().decode(ClaimValue.self, from: Data(text.utf8)) else {
            throw .notAPolicy("it is no JSON, or nested too deeply")
        }
        try checkKeys(json)
        guard case .object(let policy) = json else { throw .notAPolicy("it is no JSON object") }
        try require(policy, only: ["Version", "Id", "Statement"], in: "it")
        // The older version knows no variables, and takes them for text.
        guard policy["Version"] == .string("2012-10-17") else { throw .notAPolicy("its Version isn't 2012-10-17") }
        let statements: [ClaimValue]
        switch policy["Statement"] {
        case .array(let several) where !several.isEmpty: statements = several
        case let statement? where statement.isObject: statements = [statement]
        default: throw .notAPolicy("it has no Statement")
        }
        var sids: Set<String> = []
        for statement in statements {
            guard let sid = try checkedSid(of: statement) else { continue }
            guard sids.insert(sid).inserted else { throw .notAPolicy("two Statements have the Sid \"\(sid)\"") }
        }
        return policy
    }

    /// The Sid of a statement that is well formed; `nil` without one.
    private static func checkedSid(of statement: ClaimValue) throws(InvalidInlinePolicy) -> String? {
        try checkStatement(statement)
        guard case .object(let members) = statement, let value = members["Sid"] else { return nil }
        // IAM JSON policy element reference, "Sid"; the empty text is none.
        guard let sid = value.stringValue, sid.utf8.allSatisfy(isLetterOrDigit) else {
            throw .notAPolicy("a Statement's Sid is no text of letters and digits")
        }
        return sid.isEmpty ? nil : sid
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }

    private static func checkStatement(_ value: ClaimValue) throws(InvalidInlinePolicy) {
        guard case .object(let statement) = value else { throw .notAPolicy("a Statement is no JSON object") }
        let known = ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"]
        try require(statement, only: known, in: "a Statement")
        guard [.string("Allow"), .string("Deny")].contains(statement["Effect"]) else {
            throw .notAPolicy("a Statement's Effect is neither Allow nor Deny")
        }
        for (one, other) in [("Action", "NotAction"), ("Resource", "NotResource")] {
            guard (statement[one] == nil) != (statement[other] == nil) else {
                throw .notAPolicy("a Statement must have one of \(one) and \(other)")
            }
            guard (statement[one] ?? statement[other])?.isTexts == true else {
                throw .notAPolicy("a Statement's \(one) or \(other) is neither a text nor a list of texts")
            }
        }
        if let condition = statement["Condition"], !condition.isObject {
            throw .notAPolicy("a Statement's Condition is no JSON object")
        }
    }

    private static func require(
        _ object: [String: ClaimValue], only known: [String], in place: String
    ) throws(InvalidInlinePolicy) {
        guard let key = object.keys.filter({ !known.contains($0) }).min() else { return }
        throw .notAPolicy("\(place) has the key \"\(excerpt(of: key))\", which a session policy can't have")
    }

    private static func checkKeys(_ value: ClaimValue) throws(InvalidInlinePolicy) {
        switch value {
        case .object(let members):
            for (key, member) in members {
                guard key.utf8.firstRange(of: "{{".utf8) == nil else { throw .inKey }
                try checkKeys(member)
            }
        case .array(let elements): for element in elements { try checkKeys(element) }
        case .string, .number, .bool, .null: return
        }
    }
}
