/// One session tag: as a policy asks for it, or as a session has it; before AWS's own limits are applied.
package struct PolicyTag: Codable, Sendable, Hashable {
    package let key: String
    package let value: String
    /// Where a session's value comes from. `nil` in a policy, and in what was granted before sources were kept.
    package let source: TagSource?

    package init(key: String, value: String, source: TagSource? = nil) {
        self.key = key
        self.value = value
        self.source = source
    }
}

/// Where the value of a session tag comes from.
package enum TagSource: Sendable, Hashable {
    /// The verified claim of that name.
    case claim(String)
    /// The policy's fixed value.
    case policyDefault
    /// The broker itself.
    case broker
}

/// `claim:NAME`, `default` or `broker`, wherever it is shown or stored.
extension TagSource: Codable, CustomStringConvertible {
    package var description: String {
        switch self {
        case .claim(let name): "claim:\(name)"
        case .policyDefault: "default"
        case .broker: "broker"
        }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        switch try container.decode(String.self) {
        case "default": self = .policyDefault
        case "broker": self = .broker
        case let text where text.hasPrefix("claim:"): self = .claim(String(text.dropFirst("claim:".count)))
        default: throw DecodingError.dataCorruptedError(in: container, debugDescription: "no source of a tag")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension [PolicyTag] {
    /// Whether these are the same tags. The broker's own differ from request to request and are not compared, nor is where a value
    /// comes from.
    package func haveValues(of others: [PolicyTag]) -> Bool {
        func compared(_ tags: [PolicyTag]) -> [PolicyTag] {
            tags.filter { $0.source != .broker }.map { PolicyTag(key: $0.key, value: $0.value) }
        }
        return compared(self) == compared(others)
    }
}

/// Two tag keys that AWS takes for one.
package struct CollidingKeys: Sendable, Hashable, CustomStringConvertible {
    package let first: String
    package let second: String

    package var description: String {
        first.unicodeScalars.elementsEqual(second.unicodeScalars)
            ? "\"\(first)\" twice"
            : "\"\(first)\" and \"\(second)\", which AWS, comparing without regard to case, takes for one"
    }
}

extension Sequence<String> {
    /// The first key that AWS takes for an earlier one. It keeps keys unique without regard to case (STS `Tags`); here that
    /// is the case folding of all scripts, and spellings that are canonically equivalent (Unicode, NFC) are one, too.
    package var firstCollision: CollidingKeys? {
        // Strings are equal, and hash equally, if they are canonically equivalent.
        var seen: [String: String] = [:]
        for key in self {
            let folded = key.uppercased().lowercased()
            if let earlier = seen[folded] { return CollidingKeys(first: earlier, second: key) }
            seen[folded] = key
        }
        return nil
    }
}
