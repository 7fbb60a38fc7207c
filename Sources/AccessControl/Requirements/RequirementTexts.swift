/// What a requirement makes of a list of texts, equal to and stored as them.
package protocol RequirementTexts: Sendable, Hashable, Codable {
    /// As written.
    var texts: [String] { get }

    /// Fails if they can't be used.
    init(_ texts: [String]) throws(InvalidRequirement)
}

extension RequirementTexts {
    package static func == (one: Self, other: Self) -> Bool { one.texts == other.texts }

    package func hash(into hasher: inout Hasher) { hasher.combine(texts) }

    package init(from decoder: any Decoder) throws {
        let texts = try [String](from: decoder)
        do throws(InvalidRequirement) {
            try self.init(texts)
        } catch {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: error.problem))
        }
    }

    package func encode(to encoder: any Encoder) throws { try texts.encode(to: encoder) }
}
