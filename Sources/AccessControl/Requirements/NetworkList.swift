/// Networks that somebody must connect from: CIDR ranges without host bits, or addresses.
package struct NetworkList: RequirementTexts {
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
