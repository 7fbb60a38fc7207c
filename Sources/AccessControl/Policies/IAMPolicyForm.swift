import FoundationEssentials

/// What every session policy must look like (IAM user guide, "JSON policy element reference"). What it means is for AWS to
/// say; this finds what AWS would refuse, before somebody waits for it.
enum IAMPolicyForm {
    /// The policy's parts, if it has that form.
    @discardableResult
    static func check(_ text: String) throws(InvalidInlinePolicy) -> [String: JSONValue] {
        guard let json = try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)) else {
            throw .notAPolicy("it is no JSON")
        }
        try checkKeys(json)
        guard case .object(let policy) = json else { throw .notAPolicy("it is no JSON object") }
        try require(policy, only: ["Version", "Id", "Statement"], in: "it")
        // The older version knows no variables, and takes them for text.
        guard policy["Version"] == .text("2012-10-17") else { throw .notAPolicy("its Version isn't 2012-10-17") }
        switch policy["Statement"] {
        case .list(let statements) where !statements.isEmpty: for each in statements { try checkStatement(each) }
        case let statement? where statement.isObject: try checkStatement(statement)
        default: throw .notAPolicy("it has no Statement")
        }
        return policy
    }

    private static func checkStatement(_ value: JSONValue) throws(InvalidInlinePolicy) {
        guard case .object(let statement) = value else { throw .notAPolicy("a Statement is no JSON object") }
        let known = ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"]
        try require(statement, only: known, in: "a Statement")
        guard [.text("Allow"), .text("Deny")].contains(statement["Effect"]) else {
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
        _ object: [String: JSONValue], only known: [String], in place: String
    ) throws(InvalidInlinePolicy) {
        guard let key = object.keys.filter({ !known.contains($0) }).min() else { return }
        throw .notAPolicy("\(place) has the key \"\(excerpt(of: key))\", which a session policy can't have")
    }

    private static func checkKeys(_ value: JSONValue) throws(InvalidInlinePolicy) {
        switch value {
        case .object(let members):
            for (key, member) in members {
                guard !key.contains("{{") else { throw .inKey }
                try checkKeys(member)
            }
        case .list(let elements): for element in elements { try checkKeys(element) }
        case .text, .integer, .number, .boolean, .null: return
        }
    }
}
