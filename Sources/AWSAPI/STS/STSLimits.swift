package import Credentials
import FoundationEssentials
import HTTPExchange

/// The limits of STS AssumeRole, one by one, so that policy linting can name the rule that a policy breaks.
///
/// Source: the STS API reference, `AssumeRole`, `Tag`, `PolicyDescriptorType`. AWS counts characters; here that is
/// Unicode scalar values, as Smithy's `length` trait defines it for strings (not grapheme clusters, not UTF-16 units).
package enum STSLimits {
    /// 900 seconds to 12 hours; the role's own MaxSessionDuration may be lower.
    package static let durationSeconds = 900...43_200
    /// The longest session when the broker's own credentials come from a role (role chaining).
    package static let chainedDurationSeconds = 3_600
    /// The longest session that every role allows: the least MaxSessionDuration (IAM API reference, `CreateRole`).
    package static let leastRoleMaximumSeconds = 3_600
    package static let maximumTags = 50
    package static let maximumPolicyARNs = 10
    /// Inline policy and managed policy documents together, as plain text.
    package static let maximumPolicyCharacters = 2_048
    /// AWS packs policies and tags into a size it does not document; public reports fit about this many characters of
    /// tag keys and values. A warning, not a rule.
    package static let advisedTagCharacters = 450

    /// 2 to 64 of `[\w+=,.@-]`.
    package static func roleSessionName(_ name: String) throws(STSLimitViolation) {
        try check(name, rule: "RoleSessionName", length: 2...64, punctuation: "_+=,.@-")
    }

    /// 2 to 64 of `[\w+=,.@-]`, not starting with `aws:`.
    package static func sourceIdentity(_ identity: String) throws(STSLimitViolation) {
        guard !isReserved(identity) else {
            throw STSLimitViolation(rule: "SourceIdentity", message: "must not start with aws:, which AWS reserves")
        }
        try check(identity, rule: "SourceIdentity", length: 2...64, punctuation: "_+=,.@-")
    }

    /// 2 to 1,224 of `[\w+=,.@:/-]`.
    package static func externalID(_ id: String) throws(STSLimitViolation) {
        try check(id, rule: "ExternalId", length: 2...1_224, punctuation: "_+=,.@:/-")
    }

    /// 900 to 43,200.
    package static func durationSeconds(_ seconds: Int) throws(STSLimitViolation) {
        guard durationSeconds.contains(seconds) else {
            throw STSLimitViolation(
                rule: "DurationSeconds", message: "must be 900 to 43200 seconds, but is \(seconds)")
        }
    }

    /// 1 to 2,048 characters of U+0009, U+000A, U+000D and U+0020 to U+00FF, and a JSON object.
    package static func policy(_ document: String) throws(STSLimitViolation) {
        let count = document.unicodeScalars.count
        guard (1...maximumPolicyCharacters).contains(count) else {
            throw STSLimitViolation(
                rule: "Policy", message: "must be 1 to \(maximumPolicyCharacters) characters, but is \(count)")
        }
        guard document.unicodeScalars.allSatisfy(isPolicyCharacter) else {
            throw STSLimitViolation(
                rule: "Policy", message: "may only have tabs, line ends and characters from U+0020 to U+00FF")
        }
        guard (try? JSONDecoder().decode([String: AnyJSON].self, from: Data(document.utf8))) != nil else {
            throw STSLimitViolation(rule: "Policy", message: "must be a JSON object; write the policy document as JSON")
        }
    }

    /// At most 10 ARNs of managed policies, of the role's own account or AWS's own.
    package static func policyARNs(_ arns: [String], of role: RoleARN) throws(STSLimitViolation) {
        guard arns.count <= maximumPolicyARNs else {
            throw STSLimitViolation(
                rule: "PolicyArns", message: "must be at most \(maximumPolicyARNs), but there are \(arns.count)")
        }
        for arn in arns {
            guard (20...2_048).contains(arn.unicodeScalars.count), isPolicyARN(arn, account: role.accountID) else {
                throw STSLimitViolation(
                    rule: "PolicyArns",
                    message:
                        "\(Excerpt.quoted(arn)) is not the ARN of a managed policy of AWS or account \(role.accountID)")
            }
        }
    }
}

extension STSLimits {
    private static func check(
        _ text: String, rule: String, length: ClosedRange<Int>, punctuation: String
    ) throws(STSLimitViolation) {
        let count = text.unicodeScalars.count
        guard length.contains(count) else {
            throw STSLimitViolation(
                rule: rule,
                message: "must be \(length.lowerBound) to \(length.upperBound) characters, but is \(count)")
        }
        guard text.utf8.allSatisfy({ isWordCharacter($0) || punctuation.utf8.contains($0) }) else {
            throw STSLimitViolation(
                rule: rule, message: "may only have ASCII letters, digits and \(punctuation)")
        }
    }

    static func isReserved(_ text: String) -> Bool {
        text.lowercased().utf8.starts(with: "aws:".utf8)
    }

    private static func isWordCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }

    private static func isPolicyCharacter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x20...0xFF: true
        default: false
        }
    }

    private static func isPolicyARN(_ arn: String, account: String) -> Bool {
        let parts = arn.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 5, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard parts.count == 6, parts[0] == "arn", parts[1] == "aws" || parts[1].utf8.starts(with: "aws-".utf8) else {
            return false
        }
        return parts[2] == "iam" && parts[3].isEmpty && (parts[4] == account || parts[4] == "aws")
            && parts[5].utf8.starts(with: "policy/".utf8) && !parts[5].utf8.elementsEqual("policy/".utf8)
            && arn.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}

/// Any JSON value, for asking whether a text is JSON at all.
private struct AnyJSON: Decodable {
    init(from decoder: any Decoder) throws {}
}
