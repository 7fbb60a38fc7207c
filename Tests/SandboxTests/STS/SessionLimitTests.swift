import FoundationEssentials
import Testing

@testable import Sandbox

/// Each limit of AssumeRole twice: the last value that is accepted and the first that is refused.
@Suite("The limits of AssumeRole", .timeLimit(.minutes(5)))
struct SessionLimitTests {
    struct Limit: Sendable, CustomTestStringConvertible {
        var name: String
        var accepted: [(String, String?)]
        var refused: [(String, String?)]
        var code: STSFault.Code = .validationError

        var testDescription: String { name }
    }

    private static func text(_ count: Int) -> String { AssumeRoleBench.text(count) }
    private static func tags(_ tags: [(String, String)]) -> [(String, String?)] { AssumeRoleBench.tags(tags) }
    private static func keys(_ count: Int) -> [(String, String)] { (1...count).map { ("k\($0)", "") } }
    private static func arns(_ count: Int) -> [(String, String?)] {
        (1...count).map { ("PolicyArns.member.\($0).arn", "arn:aws:iam::aws:policy/Policy\($0)") }
    }
    private static func transitive(_ count: Int) -> [(String, String?)] {
        tags(keys(50)) + (1...count).map { ("TransitiveTagKeys.member.\($0)", "k\(min($0, 50))") }
    }
    /// A valid policy of so many characters.
    private static func policy(_ count: Int) -> String {
        let start = #"{"Version":"2012-10-17","Statement":[{"Sid":""#
        let end = #"","Effect":"Allow","Action":"*","Resource":"*"}]}"#
        return start + text(count - start.count - end.count) + end
    }

    static let limits: [Limit] = [
        Limit(
            name: "session name: at least 2", accepted: [("RoleSessionName", "ab")],
            refused: [("RoleSessionName", "a")]),
        Limit(
            name: "session name: at most 64", accepted: [("RoleSessionName", text(64))],
            refused: [("RoleSessionName", text(65))]),
        Limit(
            name: "session name: characters", accepted: [("RoleSessionName", "aZ09_+=,.@-")],
            refused: [("RoleSessionName", "a b")]),
        Limit(
            name: "session name: ASCII only", accepted: [("RoleSessionName", "andre")],
            refused: [("RoleSessionName", "andré")]),
        Limit(
            name: "session name: required", accepted: [("RoleSessionName", "ab")], refused: [("RoleSessionName", nil)]),
        Limit(name: "role ARN: required", accepted: [], refused: [("RoleArn", nil)]),
        Limit(name: "role ARN: at least 20", accepted: [], refused: [("RoleArn", "arn:aws:iam::1:role")]),
        Limit(
            name: "role ARN: at most 2048", accepted: [], refused: [("RoleArn", "arn:aws:iam::1:role/" + text(2029))]),
        Limit(
            name: "duration: at least 900", accepted: [("DurationSeconds", "900")],
            refused: [("DurationSeconds", "899")]),
        Limit(
            name: "duration: at most 43200", accepted: [("DurationSeconds", "43200")],
            refused: [("DurationSeconds", "43201")]),
        Limit(
            name: "duration: the role's maximum",
            accepted: [("RoleArn", AssumeRoleBench.developer), ("DurationSeconds", "3600")],
            refused: [("RoleArn", AssumeRoleBench.developer), ("DurationSeconds", "3601")]),
        Limit(
            name: "duration: a number", accepted: [("DurationSeconds", "3600")],
            refused: [("DurationSeconds", "99999999999999999999")], code: .malformedInput),
        Limit(
            name: "inline policy: at most 2048", accepted: [("Policy", policy(2048))],
            refused: [("Policy", policy(2049))]),
        Limit(
            name: "inline policy: grammar", accepted: [("Policy", policy(200))], refused: [("Policy", "{}")],
            code: .malformedPolicyDocument),
        Limit(
            name: "inline policy: no principal", accepted: [("Policy", policy(200))],
            refused: [
                (
                    "Policy",
                    #"{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}"#
                )
            ], code: .malformedPolicyDocument),
        Limit(name: "policy ARNs: at most 10", accepted: arns(10), refused: arns(11)),
        Limit(
            name: "policy ARNs: own account or AWS",
            accepted: [("PolicyArns.member.1.arn", "arn:aws:iam::111122223333:policy/sandbox-logs-only")],
            refused: [("PolicyArns.member.1.arn", "arn:aws:iam::444455556666:policy/sandbox-logs-only")]),
        Limit(
            name: "policies together: at most 2048", accepted: [("Policy", policy(1900))] + arns(3),
            refused: [("Policy", policy(1960))] + arns(3), code: .packedPolicyTooLarge),
        Limit(name: "tags: at most 50", accepted: tags(keys(50)), refused: tags(keys(51))),
        Limit(name: "tag key: at least 1", accepted: tags([("k", "v")]), refused: tags([("", "v")])),
        Limit(name: "tag key: at most 128", accepted: tags([(text(128), "v")]), refused: tags([(text(129), "v")])),
        Limit(name: "tag value: may be empty", accepted: tags([("k", "")]), refused: [("Tags.member.1.Key", "k")]),
        Limit(name: "tag value: at most 256", accepted: tags([("k", text(256))]), refused: tags([("k", text(257))])),
        Limit(
            name: "tags: letters, separators and numbers of any script",
            accepted: tags([("größe Ⅷ", "日本 _.:/=+-@")]), refused: tags([("k", "a&b")])),
        Limit(
            name: "tag keys: unique without regard to case", accepted: tags([("k", "1"), ("l", "2")]),
            refused: tags([("key", "1"), ("KEY", "2")])),
        Limit(name: "tag keys: aws: is reserved", accepted: tags([("awsome:k", "v")]), refused: tags([("AWS:k", "v")])),
        Limit(
            name: "tags: no gaps in the list", accepted: tags([("k", "v")]),
            refused: [("Tags.member.2.Key", "k"), ("Tags.member.2.Value", "v")], code: .malformedInput),
        Limit(name: "transitive keys: at most 50", accepted: transitive(50), refused: transitive(51)),
        Limit(
            name: "transitive keys: must be among the tags",
            accepted: tags([("k", "v")]) + [("TransitiveTagKeys.member.1", "K")],
            refused: tags([("k", "v")]) + [("TransitiveTagKeys.member.1", "other")]),
        Limit(name: "external id: at least 2", accepted: [("ExternalId", "ab")], refused: [("ExternalId", "a")]),
        Limit(
            name: "external id: at most 1224", accepted: [("ExternalId", text(1224))],
            refused: [("ExternalId", text(1225))]),
        Limit(
            name: "external id: characters", accepted: [("ExternalId", "a_+=,.@:/-")], refused: [("ExternalId", "a b")]),
        Limit(
            name: "source identity: at least 2", accepted: [("SourceIdentity", "ab")],
            refused: [("SourceIdentity", "a")]),
        Limit(
            name: "source identity: at most 64", accepted: [("SourceIdentity", text(64))],
            refused: [("SourceIdentity", text(65))]),
        Limit(
            name: "source identity: characters", accepted: [("SourceIdentity", "a_+=,.@-")],
            refused: [("SourceIdentity", "a/b")]),
        Limit(
            name: "source identity: aws: is reserved", accepted: [("SourceIdentity", "awsome")],
            refused: [("SourceIdentity", "aws:me")]),
        Limit(
            name: "packed size: about 450 characters of tags",
            accepted: tags([("a", text(224)), ("b", text(224))]), refused: tags([("a", text(230)), ("b", text(230))]),
            code: .packedPolicyTooLarge),
    ]

    @Test("is accepted at its limit and refused one past it", arguments: limits)
    func limit(_ limit: Limit) {
        let bench = AssumeRoleBench()
        #expect(bench.code(limit.accepted) == nil)
        #expect(bench.code(limit.refused) == limit.code)
    }

    @Test(
        "A multi-factor device is checked for its form and then denied, because there is none",
        arguments: [
            ("SerialNumber", text(9), STSFault.Code.accessDenied), ("SerialNumber", text(8), .validationError),
            ("SerialNumber", text(256), .accessDenied), ("SerialNumber", text(257), .validationError),
            ("TokenCode", "123456", .accessDenied), ("TokenCode", "12345", .validationError),
            ("TokenCode", "12345a", .validationError), ("TokenCode", "1234567", .validationError),
        ])
    func multiFactor(name: String, value: String, code: STSFault.Code) {
        #expect(AssumeRoleBench().code([(name, value)]) == code)
    }

    @Test("Everything wrong with a call is said at once, in AWS's words")
    func manyFindings() throws {
        let fault = #expect(throws: STSFault.self) {
            try AssumeRoleBench().assume([("RoleSessionName", "!"), ("DurationSeconds", "1")])
        }
        #expect(
            fault?.message
                == "3 validation errors detected: Value '!' at 'roleSessionName' failed to satisfy constraint: Member must "
                + "have length greater than or equal to 2; Value '!' at 'roleSessionName' failed to satisfy constraint: "
                + "Member must satisfy regular expression pattern: [\\w+=,.@-]*; Value '1' at 'durationSeconds' failed "
                + "to satisfy constraint: Member must have value greater than or equal to 900")
    }

    @Test("The packed size agrees with what is publicly reported about AWS's")
    func packedSize() throws {
        let nine = (1...9).map { SessionTag(key: "key\($0)", value: AssumeRoleBench.text(250)) }
        var report = ConstraintReport()
        let none = try SessionPolicies(QueryParameters(FormParameters(fields: [])), report: &report)
        let percent = try #require(PackedSize.percent(tags: nine, policies: none))
        #expect((470...530).contains(percent))
        #expect(PackedSize.percent(tags: [], policies: none) == nil)
    }

    @Test("Over the role's maximum is a ValidationError in AWS's words, whichever way the role is assumed")
    func tooLong() throws {
        let role: [(String, String?)] = [("RoleArn", AssumeRoleBench.developer)]
        let tooLong = role + [("DurationSeconds", "7200")]
        let fault = #expect(throws: STSFault.self) { try AssumeRoleBench().assume(tooLong) }
        #expect(fault?.code == .validationError)
        #expect(
            fault?.message == "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
        let keyless = AssumeRoleBench(account: .keyless())
        let identity = WebIdentity(
            provider: .broker, issuer: "http://127.0.0.1:1", subject: "policy:developer", audience: "sts.amazonaws.com")
        #expect(keyless.code(tooLong, as: .webIdentity(identity)) == .validationError)
        #expect(keyless.code(role, as: .webIdentity(identity)) == nil)
    }

    @Test("Credentials live as long as asked, an hour by default, and no longer than the sandbox allows")
    func lifetime() throws {
        var bench = AssumeRoleBench()
        #expect(try bench.assume().session.expiration.timeIntervalSince(bench.now) == 3600)
        #expect(
            try bench.assume([("DurationSeconds", "43200")]).session.expiration.timeIntervalSince(bench.now) == 43200)
        bench.lifetimeLimit = .seconds(60)
        #expect(try bench.assume().session.expiration.timeIntervalSince(bench.now) == 60)
    }
}
