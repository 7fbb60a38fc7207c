/// One session tag as a policy asks for it, before AWS's own limits are applied.
package struct PolicyTag: Codable, Sendable, Hashable {
    package let key: String
    package let value: String

    package init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}

extension Sequence<String> {
    /// The first tag key that an earlier one repeats: AWS keeps keys unique without regard to case (STS `Tags`).
    package var firstKeyRepeatedInAnyCase: String? {
        var seen: Set<String> = []
        return first { !seen.insert($0.lowercased()).inserted }
    }
}
