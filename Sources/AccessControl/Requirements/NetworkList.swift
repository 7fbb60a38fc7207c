/// Networks that somebody must connect from: CIDR ranges without host bits, or addresses.
package struct NetworkList: Sendable {
    /// As written; at least one.
    package let texts: [String]
    private let ranges: [AddressRange]

    /// Fails with the first that is no network.
    package init(_ texts: [String]) throws(InvalidRequirement) {
        guard (1...ConditionLimits.valuesOfKey).contains(texts.count) else {
            throw InvalidRequirement(
                "requirements.networks", "must have 1 to \(ConditionLimits.valuesOfKey) networks")
        }
        var ranges: [AddressRange] = []
        for text in texts {
            do throws(UnreadableScalar) {
                ranges.append(try AddressRange(text))
            } catch {
                throw InvalidRequirement(
                    "requirements.networks", "has \"\(excerpt(of: text))\", which \(error.problem)")
            }
        }
        self.texts = texts
        self.ranges = ranges
    }

    package func contains(_ address: SourceAddress) -> Bool { ranges.contains { $0.contains(address) } }
}

extension NetworkList: Hashable {
    package static func == (one: NetworkList, other: NetworkList) -> Bool { one.texts == other.texts }

    package func hash(into hasher: inout Hasher) { hasher.combine(texts) }
}

extension NetworkList: Codable {
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
