import AccessControl
import FoundationEssentials
import Testing

/// Conditions of stored policies: with one block each, all is as it was before there could be several.
@Suite struct StoredConditionTests {
    private static let email = #"{"StringLike":{"broker:Email":["*@example.com"]}}"#
    private static let risk = #"{"NumericLessThan":{"broker:Risk":["50"]}}"#
    private static let factors = #"{"Bool":{"broker:MfaPresent":["true"]}}"#

    private static let document =
        #"{"account":"111122223333","approval":{"allowsOwnRequests":false,"condition":\#(factors),"count":1,"#
        + #""patienceSeconds":3600,"teams":["security"]},"automatic":\#(risk),"#
        + #""base_role":"arn:aws:iam::111122223333:role/Reader","condition":\#(email),"default_tags":[],"#
        + #""description":"reads","managed_policies":[],"max_duration_seconds":3600,"policy_id":"reader","risk":10,"#
        + #""user_tags":[]}"#

    /// As sha256sum gives it.
    private static let version = "598500d364219e118c32051a05d96e6606d43e60d4fc7a265fbdba032456ab29"

    private func policy(_ document: String) throws -> AccessPolicy {
        try AccessPolicy(document: Data(document.utf8))
    }

    private func text(_ policy: AccessPolicy) throws -> String {
        String(decoding: try policy.document(), as: UTF8.self)
    }

    @Test func `a policy with one block in each place is stored in the same bytes, under the same version`() throws {
        let policy = try policy(Self.document)
        #expect(policy.condition?.blocks.count == 1)
        #expect(try text(policy) == Self.document)
        #expect(policy.version.description == Self.version)
    }

    @Test(arguments: [email, risk, factors])
    func `a list of one block is that block`(block: String) throws {
        let written = Self.document.replacing(block, with: "[\(block)]")
        #expect(written != Self.document)
        let policy = try policy(written)
        #expect(try text(policy) == Self.document)
        #expect(policy.version.description == Self.version)
    }

    @Test(arguments: [email, risk, factors])
    func `several blocks are stored as a list, under a version of their own`(block: String) throws {
        let list = #"[\#(block),{"StringEquals":{"broker:DayOfWeek":["Sunday"]}}]"#
        let written = Self.document.replacing(block, with: list)
        let policy = try policy(written)
        #expect(try text(policy) == written)
        #expect(policy.version.description != Self.version)
        #expect(try self.policy(text(policy)) == policy)
    }

    @Test(arguments: [
        (email, "condition[1]"), (risk, "automatic[1]"),
    ])
    func `what is known nowhere is named with its block`(block: String, field: String) {
        let list = #"[\#(block),{"StringEquals":{"broker:Requester":["a"]}}]"#
        let error = #expect(throws: InvalidCatalog.self) {
            try policy(Self.document.replacing(block, with: list))
        }
        #expect(error?.field == field)
        #expect(error?.problem == "asks for broker:Requester, which is not known there")
    }

    @Test func `approvers are those for whom any block holds`() throws {
        let blocks = try ConditionBlocks([
            ConditionBlock(["StringEquals": ["broker:Claim/level": ["senior"]]]),
            ConditionBlock(["ForAnyValue:StringEquals": ["broker:RequesterTeam": ["interns"]]]),
        ])
        let rule = ApprovalRule(
            teams: ["security"], condition: blocks, count: 1, allowsOwnRequests: false, patienceSeconds: 3600)
        func decides(level: String?, on teams: [String]) throws -> Bool {
            let (requester, policy) = (Sample.principal(teams: teams), try Sample.policy())
            let content = RequestContent(
                requester: requester.id, policyID: policy.id, policyVersion: policy.version, tags: [],
                durationSeconds: 900, reason: nil, startsAt: nil)
            let approval = ApprovalCase(
                requestID: .random(), content: content, requester: requester, rule: rule, at: Sample.now)
            let approver = Principal(
                id: PrincipalID(issuer: "https://idp.example", subject: "other"), userName: "other",
                teams: ["security"], claims: level.map { ["level": $0] } ?? [:])
            return approval.isDecided(by: approver, under: policy, at: Sample.now)
        }
        #expect(try decides(level: "senior", on: ["developers"]))
        #expect(try decides(level: nil, on: ["developers", "interns"]))
        #expect(try !decides(level: nil, on: ["developers"]))
        #expect(try !decides(level: "junior", on: []))
    }
}
