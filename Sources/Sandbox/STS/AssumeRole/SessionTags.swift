/// A session tag.
package struct SessionTag: Sendable, Equatable, Codable {
    package var key: String
    package var value: String

    package init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}

/// The tags that a call passes, and which of them chained sessions are to inherit.
struct PassedTags: Sendable {
    var tags: [SessionTag] = []
    var transitiveKeys: [String] = []

    /// The two list parameters, with missing members noted in the report.
    init(_ parameters: QueryParameters, report: inout ConstraintReport) throws(STSFault) {
        for (offset, fields) in try parameters.list("Tags", fields: ["Key", "Value"]).enumerated() {
            let path = "tags.\(offset + 1).member"
            if fields[0] == nil { report.missing("\(path).key") }
            if fields[1] == nil { report.missing("\(path).value") }
            guard let key = fields[0], let value = fields[1] else { continue }
            tags.append(SessionTag(key: key, value: value))
        }
        transitiveKeys = try parameters.list("TransitiveTagKeys", fields: []).compactMap { $0.first ?? nil }
        check(&report)
    }

    /// The claim of a web identity token; exactly one value a key.
    init(_ claim: WebIdentityTags, report: inout ConstraintReport) throws(STSFault) {
        for (key, values) in claim.principalTags.sorted(by: { $0.key < $1.key }) {
            guard let value = values.first, values.count == 1 else {
                throw STSFault(.invalidIdentityToken, "The tag '\(key.prefix(128))' must have exactly one value.")
            }
            tags.append(SessionTag(key: key, value: value))
        }
        transitiveKeys = claim.transitiveTagKeys ?? []
        check(&report)
    }

    private func check(_ report: inout ConstraintReport) {
        report.check(count: tags.count, at: "tags", atMost: 50)
        for (offset, tag) in tags.prefix(60).enumerated() {
            report.check(tag.key, at: "tags.\(offset + 1).member.key", length: 1...128, pattern: .tag)
            report.check(tag.value, at: "tags.\(offset + 1).member.value", length: 0...256, pattern: .tag)
        }
        report.check(count: transitiveKeys.count, at: "transitiveTagKeys", atMost: 50)
        for (offset, key) in transitiveKeys.prefix(60).enumerated() {
            report.check(key, at: "transitiveTagKeys.\(offset + 1).member", length: 1...128, pattern: .tag)
        }
    }

    /// The rules between tags, and against what the calling session made transitive.
    func checkRelations(inherited: [SessionTag]) throws(STSFault) {
        let keys = tags.map { $0.key.lowercased() }
        guard Set(keys).count == keys.count else {
            throw STSFault(
                .validationError, "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
        }
        guard !keys.contains(where: { $0.hasPrefix("aws:") }) else {
            throw STSFault(.validationError, "Tag keys with the reserved prefix aws: cannot be passed.")
        }
        let inheritedKeys = Set(inherited.map { $0.key.lowercased() })
        let passed = keys + transitiveKeys.map { $0.lowercased() }
        guard inheritedKeys.isDisjoint(with: passed) else {
            throw STSFault(
                .validationError,
                "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key "
                    + "from the calling session.")
        }
        guard transitiveKeys.allSatisfy({ keys.contains($0.lowercased()) }) else {
            throw STSFault(
                .validationError, "The specified transitive tag key must be included in the requested tags.")
        }
    }
}
