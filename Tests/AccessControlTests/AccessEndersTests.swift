import AccessControl
import FoundationEssentials
import Testing

@Suite struct AccessEndersTests {
    private static func principal(_ name: String, _ teams: String...) -> Principal {
        Principal(
            id: PrincipalID(issuer: "https://idp.example", subject: name), userName: name, teams: teams, claims: [:])
    }

    private static let owner = principal("owner")

    @Test(arguments: [
        (owner, true, true), (principal("other"), false, false), (principal("other", "developers"), false, false),
        (principal("other", "developers", "security"), true, false), (principal("other", "operators"), true, true),
    ])
    func `whoever has it and administrators end anything, approvers what was allowed at once`(
        principal: Principal, endsWhatRulesAllowed: Bool, endsWhatPeopleAllowed: Bool
    ) throws {
        // Nobody meets it: that matters where people decide.
        let never = try ConditionBlock(["StringEquals": ["broker:Requester": ["nobody"]]])
        let policy = try Sample.policy(approval: Sample.approval(teams: ["security"], condition: never))
        let ofRules = AccessEnders(of: Self.owner.id, allowedAtOnceUnder: policy, administrators: ["operators"])
        #expect(ofRules.include(principal) == endsWhatRulesAllowed)
        let ofPeople = AccessEnders(of: Self.owner.id, allowedAtOnceUnder: nil, administrators: ["operators"])
        #expect(ofPeople.include(principal) == endsWhatPeopleAllowed)
    }
}
