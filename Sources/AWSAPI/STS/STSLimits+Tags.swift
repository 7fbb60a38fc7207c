import HTTPExchange

extension STSLimits {
    /// At most 50 tags; keys of 1 to 128 characters, unique without regard to case; values of 0 to 256; both of letters,
    /// separators, numbers and `_.:/=+-@`, and not starting with the reserved `aws:`.
    package static func tags(_ tags: [SessionTag]) throws(STSLimitViolation) {
        guard tags.count <= maximumTags else {
            throw STSLimitViolation(
                rule: "Tags", message: "must be at most \(maximumTags), but there are \(tags.count)")
        }
        var seen: Set<String> = []
        for tag in tags {
            try tagKey(tag.key, rule: "Tags")
            try tagValue(tag.value, ofKey: tag.key)
            guard seen.insert(tag.key.lowercased()).inserted else {
                throw STSLimitViolation(
                    rule: "Tags",
                    message: "the key \(Excerpt.quoted(tag.key)) is there twice; keys must differ in more than case")
            }
        }
    }

    /// At most 50 keys, each the key of one of `tags`.
    package static func transitiveTagKeys(_ keys: [String], among tags: [SessionTag]) throws(STSLimitViolation) {
        guard keys.count <= maximumTags else {
            throw STSLimitViolation(
                rule: "TransitiveTagKeys", message: "must be at most \(maximumTags), but there are \(keys.count)")
        }
        let known = Set(tags.map { $0.key.lowercased() })
        for key in keys {
            try tagKey(key, rule: "TransitiveTagKeys")
            guard known.contains(key.lowercased()) else {
                throw STSLimitViolation(
                    rule: "TransitiveTagKeys", message: "\(Excerpt.quoted(key)) is not the key of a tag that is passed")
            }
        }
    }

    /// Characters of all keys and values together; compare with ``advisedTagCharacters``.
    package static func tagCharacters(_ tags: [SessionTag]) -> Int {
        tags.reduce(0) { $0 + $1.key.unicodeScalars.count + $1.value.unicodeScalars.count }
    }

    private static func tagKey(_ key: String, rule: String) throws(STSLimitViolation) {
        let count = key.unicodeScalars.count
        guard (1...128).contains(count) else {
            throw STSLimitViolation(rule: rule, message: "a key must be 1 to 128 characters, but one is \(count)")
        }
        try check(key, rule: rule, subject: "the key \(Excerpt.quoted(key))")
    }

    private static func tagValue(_ value: String, ofKey key: String) throws(STSLimitViolation) {
        let count = value.unicodeScalars.count
        guard count <= 256 else {
            throw STSLimitViolation(
                rule: "Tags",
                message: "the value of \(Excerpt.quoted(key)) must be at most 256 characters, but is \(count)")
        }
        try check(value, rule: "Tags", subject: "the value of \(Excerpt.quoted(key))")
    }

    private static func check(_ text: String, rule: String, subject: String) throws(STSLimitViolation) {
        guard text.unicodeScalars.allSatisfy(isTagCharacter) else {
            throw STSLimitViolation(
                rule: rule, message: "\(subject) may only have letters, numbers, separators and _.:/=+-@")
        }
        guard !isReserved(text) else {
            throw STSLimitViolation(rule: rule, message: "\(subject) must not start with aws:, which AWS reserves")
        }
    }

    /// `[\p{L}\p{Z}\p{N}_.:/=+\-@]`. Combining marks (`\p{M}`) are not in it, so decomposed accents are refused.
    private static func isTagCharacter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        case .spaceSeparator, .lineSeparator, .paragraphSeparator: true
        case .decimalNumber, .letterNumber, .otherNumber: true
        default: "_.:/=+-@".unicodeScalars.contains(scalar)
        }
    }
}
