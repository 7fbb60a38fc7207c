import AccessControl
import HTTPExchange
import StrictYAML

/// The attributes of an item of the original's tables, by their names there. What is empty counts as missing.
struct OriginalAttributes {
    /// What errors call the item.
    let name: String
    private let record: PlainValue

    init(_ record: PlainValue, name: String) {
        self.record = record
        self.name = name
    }

    private static let known: Set<String> = [
        "policy_id", "account", "base_role", "default_tags", "user_tags", "description", "risk", "managed_policies",
        "preferred_channel", "admin_email", "slack_webhook_url",
    ]

    /// Those that the original doesn't have.
    var unknownKeys: [String] {
        guard case .mapping(let pairs) = record else { return [] }
        return pairs.map(\.key).filter { !Self.known.contains($0) }.sorted()
    }

    func text(_ key: String) throws(ImportFault) -> String {
        guard let text = try optionalText(key) else { throw ImportFault("\(name): \(key) is missing") }
        return text
    }

    func optionalText(_ key: String) throws(ImportFault) -> String? {
        switch record[key] {
        case nil, .null?, .text("")?: return nil
        case .text(let text)?: return text
        default: throw ImportFault("\(name): \(key) must be a text")
        }
    }

    func list(_ key: String) throws(ImportFault) -> [String] {
        var texts: [String] = []
        for element in try elements(key) {
            guard case .text(let text) = element else { throw ImportFault("\(name): \(key) must be a list of texts") }
            texts.append(text)
        }
        return texts
    }

    /// `[{key: value}]`.
    func tags(_ key: String) throws(ImportFault) -> [PolicyTag] {
        var tags: [PolicyTag] = []
        for element in try elements(key) {
            guard case .mapping(let pairs) = element else {
                throw ImportFault("\(name): \(key) must be a list of objects of a key and a value")
            }
            for pair in pairs {
                guard case .text(let value) = pair.value else {
                    throw ImportFault("\(name): \(key) has no text as the value of \(Excerpt.quoted(pair.key))")
                }
                tags.append(PolicyTag(key: pair.key, value: value))
            }
        }
        return tags
    }

    /// Objects and their keys, whatever they are.
    func elements(_ key: String) throws(ImportFault) -> [PlainValue] {
        switch record[key] {
        case nil, .null?: return []
        case .list(let elements)?: return elements
        default: throw ImportFault("\(name): \(key) must be a list")
        }
    }

    func has(_ key: String) -> Bool {
        switch record[key] {
        case nil, .null?, .text("")?: false
        default: true
        }
    }

    /// In quotes; `nil` if it is missing, or says nothing.
    func shown(_ key: String) -> String? {
        guard case .text(let text)? = record[key], !text.isEmpty, text != "default" else { return nil }
        return Excerpt.quoted(text)
    }
}
