import AccessControl
import FoundationEssentials
import Testing

@Suite("Conditions of a policy")
struct PolicyConditionTests {
    private func decision(
        risk: Int = 10, _ condition: [String: [String: [String]]]? = nil,
        automatic: [String: [String: [String]]]? = nil, principal: Principal = Sample.principal(),
        startsAt: Date? = nil
    ) throws -> Decision {
        let policy = try Sample.policy(
            risk: risk, condition: try condition.map { try ConditionBlock($0) },
            automatic: try automatic.map { try ConditionBlock($0) })
        let facts = AccessFacts(
            policy: policy, teams: [try Team(id: "developers", policies: ["reader"])], chainsRoles: false)
        let request = Sample.request(principal: principal, startsAt: startsAt)
        return AccessRules.standard.decide(request, knowing: facts)
    }

    private func principal(email: String? = nil, factors: Bool? = nil, since seconds: Double = 0) -> Principal {
        Principal(
            id: Sample.principalID, userName: "developer", teams: ["developers"],
            claims: ["custom:department": "research"], email: email, usedSeveralFactors: factors,
            authenticatedAt: Date(timeIntervalSince1970: 1_800_000_000 - seconds))
    }

    @Test("A condition that doesn't surely hold forbids, also when what it asks for isn't known")
    func condition() throws {
        let wanted = ["StringLike": ["broker:Email": ["*@example.com"]]]
        #expect(try decision(wanted, principal: principal(email: "a@example.com")).outcome == .allow)
        for email in ["a@example.org", nil] {
            let decision = try decision(wanted, principal: principal(email: email))
            #expect(decision.outcome == .deny)
            #expect(decision.reasons.map(\.description) == ["the policy's condition on broker:Email isn't met"])
            #expect(decision.reasons.first?.detail.contains("*@example.com") == true)
        }
    }

    @Test("The request itself can be asked about")
    func request() throws {
        #expect(try decision(["NumericLessThanEquals": ["broker:DurationSeconds": ["900"]]]).outcome == .allow)
        #expect(try decision(["NumericLessThan": ["broker:DurationSeconds": ["900"]]]).outcome == .deny)
        #expect(try decision(["Null": ["broker:Reason": ["false"]]]).outcome == .deny)
        #expect(try decision(["StringEquals": ["broker:Claim/custom:department": ["research"]]]).outcome == .allow)
        // 15 January 2027, 08:00 UTC, a Friday.
        #expect(try decision(["StringEquals": ["broker:DayOfWeek": ["Friday"]]]).outcome == .allow)
    }

    @Test("Several factors count from when they were used, and not at all without word of them")
    func factors() throws {
        let recent = ["Bool": ["broker:MfaPresent": ["true"]], "NumericLessThan": ["broker:MfaAge": ["600"]]]
        #expect(try decision(recent, principal: principal(factors: true, since: 599)).outcome == .allow)
        #expect(try decision(recent, principal: principal(factors: true, since: 600)).outcome == .deny)
        #expect(try decision(recent, principal: principal(factors: false)).outcome == .deny)
        #expect(try decision(recent, principal: principal(factors: nil)).outcome == .deny)
    }

    @Test("Where whoever asks connects from can be asked about, and what isn't known is nowhere")
    func source() throws {
        let office = ["IpAddress": ["broker:SourceIp": ["192.0.2.0/24"]]]
        for (address, outcome) in [("192.0.2.9", Decision.Outcome.allow), ("198.51.100.9", .deny), ("?", .deny)] {
            let principal = Principal(
                id: Sample.principalID, userName: "developer", teams: ["developers"],
                claims: ["custom:department": "research"], source: RequestSource(address: SourceAddress(address)))
            #expect(try decision(office, principal: principal).outcome == outcome, "\(address)")
        }
    }

    @Test("What is automatic is the policy's to say, whatever the risk, and approval is asked for otherwise")
    func automatic() throws {
        let short = ["NumericLessThanEquals": ["broker:DurationSeconds": ["900"]]]
        let never = ["NumericLessThan": ["broker:DurationSeconds": ["1"]]]
        #expect(try decision(risk: 90, automatic: short).outcome == .allow)
        #expect(try decision(risk: 10, automatic: never).outcome == .needsApproval)
        #expect(try decision(risk: 90, never, automatic: short).outcome == .deny)
    }

    /// Now is Friday, 08:00 UTC.
    @Test(
        "What is to begin later is judged by the clock of then, and a beginning that is over by that of now",
        arguments: [
            (nil, true), (3600, true), (35_999, true), (36_000, false), (57_600, false), (86_400, false),
            (-86_400, true),
        ] as [(Double?, Bool)])
    func ahead(seconds: Double?, isInTime: Bool) throws {
        let hours = [
            "StringEquals": ["broker:DayOfWeek": ["Friday"]],
            "DateGreaterThanEquals": ["broker:TimeOfDay": ["08:00"], "broker:CurrentTime": ["2027-01-15T08:00:00Z"]],
            "DateLessThan": ["broker:TimeOfDay": ["18:00"]],
            "NumericLessThan": ["broker:EpochTime": ["1800036000"]],
        ]
        let start = seconds.map { Sample.now.addingTimeInterval($0) }
        #expect(try decision(hours, startsAt: start).outcome == (isInTime ? .allow : .deny))
        let automatic = try decision(risk: 80, automatic: hours, startsAt: start)
        #expect(automatic.outcome == (isInTime ? .allow : .needsApproval))
    }

    @Test("How old a sign-in is, is judged when somebody asks, however late it is to begin")
    func signInAhead() throws {
        let recent = ["NumericLessThan": ["broker:MfaAge": ["600"]]]
        let person = principal(factors: true, since: 599)
        let later = Sample.now.addingTimeInterval(3600)
        #expect(try decision(risk: 80, automatic: recent, principal: person, startsAt: later).outcome == .allow)
        let policy = try Sample.policy(automatic: try ConditionBlock(recent))
        let facts = AccessFacts(policy: policy, teams: [], chainsRoles: false)
        func unmet(at instant: Date) -> DecisionReason? {
            let request = AccessRequest(
                id: .random(), principal: person, policyID: policy.id, duration: nil, reason: nil, receivedAt: instant)
            return AutomaticRisk.unmetCondition(of: policy, on: request, knowing: facts)
        }
        #expect(unmet(at: Sample.now) == nil)
        #expect(unmet(at: later)?.description.contains("broker:MfaAge") == true)
    }

    @Test("A condition changes the policy's version, and reads back as it was written")
    func stored() throws {
        let block = try ConditionBlock(["StringEquals": ["broker:username": ["a", "b"]]])
        let policy = try Sample.policy(condition: block, approval: Sample.approval(condition: block))
        #expect(try AccessPolicy(document: policy.document()) == policy)
        #expect(try policy.version != Sample.policy().version)
    }

    @Test(
        "What the broker can't know where it is asked is refused when the policy is read",
        arguments: ["broker:Requester"])
    func unknowable(key: String) throws {
        let block = try ConditionBlock(["StringEquals": [key: ["10.0.0.1"]]])
        let error = #expect(throws: InvalidCatalog.self) { try Sample.policy(condition: block) }
        #expect(error?.description.contains("\(key), which is not known there") == true, "\(String(describing: error))")
    }

    @Test func `A condition can ask for the ticket and for where somebody connects from`() throws {
        let block = try ConditionBlock([
            "StringLike": ["broker:Ticket": ["OPS-*"]], "IpAddress": ["broker:SourceIp": ["192.0.2.0/24"]],
        ])
        let policy = try Sample.policy(condition: block)
        let facts = AccessFacts(
            policy: policy, teams: [try Team(id: "developers", policies: ["reader"])], chainsRoles: false)
        func outcome(_ ticket: String?, _ address: String?) -> Decision.Outcome {
            let principal = Principal(
                id: Sample.principalID, userName: "developer", teams: ["developers"],
                claims: ["custom:department": "research"],
                source: RequestSource(address: address.flatMap { SourceAddress($0) }))
            return AccessRules.standard.decide(Sample.request(principal: principal, ticket: ticket), knowing: facts)
                .outcome
        }
        #expect(outcome("OPS-1", "192.0.2.7") == .allow)
        #expect(outcome("OPS-1", "::ffff:192.0.2.7") == .allow)
        #expect(outcome(nil, "192.0.2.7") == .deny)
        #expect(outcome("OPS-1", "192.0.3.7") == .deny)
        #expect(outcome("OPS-1", nil) == .deny)
    }

    @Test func `An approval can want both addresses to be known, so that two accounts of one person are seen`() throws {
        let known = try ConditionBlock(["StringLike": ["broker:Email": ["?*"], "broker:Requester": ["?*"]]])
        let rule = Sample.approval(condition: known)
        let policy = try Sample.policy(risk: 90, approval: rule)
        func decides(_ email: String?, on requesterEmail: String?) -> Bool {
            let requester = principal(email: requesterEmail)
            let content = RequestContent(
                requester: requester.id, policyID: policy.id, policyVersion: policy.version, tags: [],
                durationSeconds: 900, reason: nil, startsAt: nil)
            let approval = ApprovalCase(
                requestID: .random(), content: content, requester: requester, rule: rule, at: Sample.now)
            let approver = Principal(
                id: PrincipalID(issuer: "https://other.example", subject: "other"), userName: "other",
                teams: ["security"], claims: [:], email: email)
            return approval.isDecided(by: approver, under: policy, at: Sample.now)
        }
        #expect(decides("b@example.com", on: "a@example.com"))
        #expect(!decides("a@example.com", on: "a@example.com"))
        #expect(!decides(nil, on: "a@example.com") && !decides("b@example.com", on: nil))
    }

    @Test("Whom approvers may decide for can depend on both of them")
    func approvers() throws {
        let rule = Sample.approval(
            condition: try ConditionBlock([
                "StringNotEquals": ["broker:Email": ["${broker:Requester}"]],
                "ForAnyValue:StringEquals": ["broker:RequesterTeam": ["developers"]],
            ]))
        let policy = try Sample.policy(risk: 90, approval: rule)
        let requester = principal(email: "a@example.com")
        let content = RequestContent(
            requester: requester.id, policyID: policy.id, policyVersion: policy.version, tags: [],
            durationSeconds: 900, reason: nil, startsAt: nil)
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        let approval = ApprovalCase(requestID: .random(), content: content, requester: requester, rule: rule, at: now)
        func decides(_ email: String?, teams: [String] = ["security"]) -> Bool {
            let other = PrincipalID(issuer: "https://idp.example", subject: "other")
            let approver = Principal(id: other, userName: "other", teams: teams, claims: [:], email: email)
            return approval.isDecided(by: approver, under: policy, at: now)
        }
        #expect(decides("b@example.com"))
        #expect(!decides("a@example.com"))
        #expect(!decides(nil))
        #expect(!decides("b@example.com", teams: ["developers"]))
    }
}
