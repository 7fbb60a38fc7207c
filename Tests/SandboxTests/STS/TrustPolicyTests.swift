import Testing

@testable import Sandbox

@Suite("Trust policies, chains and source identities", .timeLimit(.minutes(5)))
struct TrustPolicyTests {
    private let bench = AssumeRoleBench()

    private func role(_ name: String) -> [(String, String?)] {
        [("RoleArn", "arn:aws:iam::111122223333:role/\(name)")]
    }

    @Test(
        "A role can be assumed by those it trusts, for what it trusts them with",
        arguments: [
            ("stsbroker-developer", [], nil),
            ("stsbroker-developer", [("SourceIdentity", "me")], nil),
            ("stsbroker-missing", [], STSFault.Code.accessDenied),
            ("stsbroker-chained", [], .accessDenied),
            ("stsbroker-webidentity", [], .accessDenied),
            ("stsbroker-admin", [], .accessDenied),
            ("stsbroker-admin", [("ExternalId", "wrong-external-id")], .accessDenied),
            ("stsbroker-admin", [("ExternalId", SampleAccount.adminExternalID)], nil),
            ("stsbroker-notags", [("SourceIdentity", "me")], nil),
            ("stsbroker-notags", [("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")], .accessDenied),
            ("stsbroker-nosourceidentity", [("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")], nil),
            ("stsbroker-nosourceidentity", [("SourceIdentity", "me")], .accessDenied),
        ] as [(String, [(String, String)], STSFault.Code?)])
    func trust(name: String, changes: [(String, String)], code: STSFault.Code?) {
        #expect(bench.code(role(name) + changes.map { ($0.0, $0.1) }) == code)
    }

    @Test("A refusal says who may not do what to which role, as AWS does")
    func wording() {
        let fault = #expect(throws: STSFault.self) { try bench.assume(role("stsbroker-chained")) }
        #expect(
            fault?.message
                == "User: arn:aws:iam::111122223333:user/stsbroker is not authorized to perform: sts:AssumeRole on "
                + "resource: arn:aws:iam::111122223333:role/stsbroker-chained")
    }

    @Test("A chained session lasts an hour at most, though the role allows twelve")
    func chainedDuration() throws {
        let first = RoleAssumption.Caller.session(try bench.assume().session)
        let target = role("stsbroker-chained")
        #expect(bench.code(target + [("DurationSeconds", "3600")], as: first) == nil)
        #expect(bench.code(target + [("DurationSeconds", "3601")], as: first) == .validationError)
    }

    @Test("A session may not assume what only the user is trusted for")
    func sessionIsItsRole() throws {
        let first = RoleAssumption.Caller.session(try bench.assume().session)
        #expect(bench.code(role("stsbroker-developer"), as: first) == .accessDenied)
    }

    @Test("Transitive tags are inherited, count in size, and cannot be passed again")
    func transitiveTags() throws {
        let tags = AssumeRoleBench.tags([("team", "a"), ("stage", "b")])
        let first = try bench.assume(tags + [("TransitiveTagKeys.member.1", "TEAM")]).session
        let caller = RoleAssumption.Caller.session(first)
        let second = try bench.assume(role("stsbroker-chained"), as: caller)
        #expect(second.session.tags == [SessionTag(key: "team", value: "a")])
        #expect(second.session.transitiveTagKeys == ["team"])
        #expect(second.packedPolicySize != nil)
        let again = AssumeRoleBench.tags([("Team", "other")])
        #expect(bench.code(role("stsbroker-chained") + again, as: caller) == .validationError)
        let free = AssumeRoleBench.tags([("stage", "c")])
        #expect(bench.code(role("stsbroker-chained") + free, as: caller) == nil)
    }

    @Test("A source identity stays through a chain and cannot be changed")
    func sourceIdentity() throws {
        let first = RoleAssumption.Caller.session(try bench.assume([("SourceIdentity", "alice")]).session)
        let target = role("stsbroker-chained")
        #expect(try bench.assume(target, as: first).session.sourceIdentity == "alice")
        #expect(bench.code(target + [("SourceIdentity", "alice")], as: first) == nil)
        #expect(bench.code(target + [("SourceIdentity", "mallory")], as: first) == .validationError)
    }

    @Test("A session is named after its role and session name, in three places")
    func naming() throws {
        let session = try bench.assume([("RoleSessionName", "alice@example.com")]).session
        #expect(session.arn == "arn:aws:sts::111122223333:assumed-role/stsbroker-readonly/alice@example.com")
        #expect(session.assumedRoleID.hasPrefix("AROA"))
        #expect(session.assumedRoleID.hasSuffix(":alice@example.com"))
        #expect(session.assumedBy == "arn:aws:iam::111122223333:user/stsbroker")
    }
}
