import AWSAPI
import Credentials
import Testing

@Suite struct AssumeRoleInputTests {
    /// One thing about an otherwise good input.
    enum Change: Sendable, CustomTestStringConvertible {
        case name(String), duration(Int), tags([SessionTag]), transitive([String]), arns([String]), policy(String)
        case externalID(String), identity(String)

        var testDescription: String { String(String(describing: self).prefix(60)) }
    }

    private static func tag(_ key: String, _ value: String = "v") -> SessionTag { SessionTag(key: key, value: value) }
    private static func many(_ count: Int) -> [SessionTag] { (0..<count).map { tag("k\($0)") } }
    private static func text(_ count: Int, _ character: Character = "x") -> String {
        String(repeating: character, count: count)
    }
    private static let arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"

    @Test(
        "accepts what is just inside AWS's limits",
        arguments: [
            .name("ab"), .name(text(64)), .name("a_+=,.@-Z9"), .duration(900), .duration(43_200), .tags([]),
            .tags(many(50)),
            .tags([tag(text(128), text(256))]), .tags([tag("k", "")]), .tags([tag("Team Ünit/日本 ٣_.:/=+-@", "ª Ⅷ ½")]),
            .tags([tag(text(128, "🅐").replacing("🅐", with: "𝒜"))]), .tags([tag("awsome"), tag("a:b")]),
            .transitive(["key"]), .transitive(["KEY"]), .arns([]), .arns(Array(repeating: arn, count: 10)),
            .arns(["arn:aws:iam::123456789012:policy/team/Own"]), .policy("{}"),
            .policy("{\"a\":\"\(text(2_040))\"}"), .policy("{\"a\":\t\"ÿ\"}\r\n"), .externalID("ab"),
            .externalID(text(1_224)), .externalID("a_+=,.@:/-"), .identity("ab"), .identity(text(64)),
            .identity("awsx"),
        ] as [Change])
    func accepts(change: Change) {
        #expect(throws: Never.self) { try input(with: change) }
    }

    @Test(
        "names the rule that is broken",
        arguments: [
            (.name("a"), "RoleSessionName"), (.name(""), "RoleSessionName"), (.name(text(65)), "RoleSessionName"),
            (.name("a b"), "RoleSessionName"), (.name("a/b"), "RoleSessionName"), (.name("jürgen"), "RoleSessionName"),
            (.name("ab\n"), "RoleSessionName"), (.duration(899), "DurationSeconds"),
            (.duration(43_201), "DurationSeconds"), (.duration(.max), "DurationSeconds"),
            (.duration(.min), "DurationSeconds"), (.tags(many(51)), "Tags"), (.tags([tag("")]), "Tags"),
            (.tags([tag(text(129))]), "Tags"), (.tags([tag("k", text(257))]), "Tags"), (.tags([tag("k!")]), "Tags"),
            (.tags([tag("k", "a,b")]), "Tags"), (.tags([tag("k", "a\tb")]), "Tags"), (.tags([tag("k", "🙂")]), "Tags"),
            (.tags([tag("e\u{301}")]), "Tags"), (.tags([tag("Team"), tag("tEAM")]), "Tags"),
            (.tags([tag("ÄB"), tag("äb")]), "Tags"), (.tags([tag("aws:x")]), "Tags"), (.tags([tag("AWS:x")]), "Tags"),
            (.tags([tag("k", "Aws:x")]), "Tags"), (.transitive(["other"]), "TransitiveTagKeys"),
            (.transitive([""]), "TransitiveTagKeys"),
            (.transitive(Array(repeating: "key", count: 51)), "TransitiveTagKeys"),
            (.arns(Array(repeating: arn, count: 11)), "PolicyArns"), (.arns(["x"]), "PolicyArns"),
            (.arns(["arn:aws:iam::999999999999:policy/Other"]), "PolicyArns"),
            (.arns(["arn:aws:iam::aws:role/ReadOnlyAccess"]), "PolicyArns"),
            (.arns(["arn:aws:iam::aws:policy/"]), "PolicyArns"),
            (.policy(""), "Policy"), (.policy("{\"a\":\"\(text(2_041))\"}"), "Policy"),
            (.policy("{\"a\":\"Ā\"}"), "Policy"),
            (.policy("{\"a\":\u{0}}"), "Policy"), (.policy("not json"), "Policy"), (.policy("[]"), "Policy"),
            (.externalID("a"), "ExternalId"), (.externalID(text(1_225)), "ExternalId"),
            (.externalID("a b"), "ExternalId"),
            (.identity("a"), "SourceIdentity"), (.identity(text(65)), "SourceIdentity"),
            (.identity("aws:me"), "SourceIdentity"), (.identity("a:b"), "SourceIdentity"),
        ] as [(Change, String)])
    func refuses(change: Change, rule: String) {
        #expect { try input(with: change) } throws: { ($0 as? STSLimitViolation)?.rule == rule }
    }

    @Test(arguments: [(43_200, 3600), (3601, 3600), (3600, nil), (900, nil)])
    func `within what every role allows it is the same call, if it is for longer`(seconds: Int, shorter: Int?) throws {
        let long = try input(with: .duration(seconds))
        let expected = try shorter.map { try input(with: .duration($0)) }
        #expect(long.withinEveryRole == expected)
    }

    private func input(with change: Change) throws -> AssumeRoleInput {
        var (name, duration, tags, transitive, arns) = ("session", 3_600, [Self.tag("Key")], [String](), [String]())
        var (policy, externalID, identity): (String?, String?, String?)
        switch change {
        case .name(let value): name = value
        case .duration(let value): duration = value
        case .tags(let value): tags = value
        case .transitive(let value): transitive = value
        case .arns(let value): arns = value
        case .policy(let value): policy = value
        case .externalID(let value): externalID = value
        case .identity(let value): identity = value
        }
        return try AssumeRoleInput(
            roleARN: try RoleARN("arn:aws:iam::123456789012:role/dev"), roleSessionName: name,
            durationSeconds: duration,
            tags: tags, transitiveTagKeys: transitive, policyARNs: arns, policy: policy, externalID: externalID,
            sourceIdentity: identity)
    }
}
