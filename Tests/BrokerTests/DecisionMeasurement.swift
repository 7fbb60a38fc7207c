import AccessControl
import BrokerStore
import Credentials
import Foundation
import PolicyFiles
import Testing

@testable import Broker

/// How long a decision takes among many policies, for many people: a measurement, not a test, which only runs where
/// `STSBROKER_MEASURE` is in the environment (`make bench-broker`).
@Suite(.enabled(if: ProcessInfo.processInfo.environment["STSBROKER_MEASURE"] != nil))
struct DecisionMeasurement {
    private static let policies = 10_000
    private static let teams = 500
    private static let people = 100_000
    /// How many policies a team may request.
    private static var share: Int { policies / teams }

    /// Each of 500 teams may request 20 of 10,000 policies; each of 100,000 people is in three teams.
    @Test(.timeLimit(.minutes(10)))
    func `a decision among ten thousand policies for each of a hundred thousand people`()
        async throws
    {
        let broker = try await BrokerUnderTest(policies: "policies: []\nteams: []")
        let catalog = try Self.catalog()
        _ = try await broker.records.base.replaceCatalog(with: catalog, by: .file("many"), at: broker.clock.now)
        let issuance = broker.parts.issuance
        var milliseconds: [Double] = []
        for person in 0..<Self.people {
            let request = Self.request(of: person, at: broker.clock.now)
            let begin = ContinuousClock.now
            let decision = try await Self.decision(on: request, by: issuance)
            milliseconds.append((ContinuousClock.now - begin) / .milliseconds(1))
            try #require(decision.outcome == .allow)
        }
        // The first ten thousand ask for one policy each, which has to be decoded.
        Self.report("a decision on a policy from the database", milliseconds.prefix(Self.policies))
        Self.report("a decision on a policy that is known", milliseconds.dropFirst(Self.policies))
    }

    private static func report(_ what: String, _ milliseconds: ArraySlice<Double>) {
        let sorted = milliseconds.sorted()
        print("\(what): p50 \(sorted[sorted.count / 2]) ms, p99 \(sorted[sorted.count * 99 / 100]) ms")
    }

    /// What an issuance does before it writes: it reads what was decided before, the policy and the teams at one instant,
    /// and asks all of the broker's rules.
    private static func decision(
        on request: AccessRequest, by issuance: CredentialIssuance
    ) async throws -> Decision {
        let standing = try await issuance.standing(of: request.policyID, for: request.principal)
        guard case .nothing(let catalog) = standing else { throw HasDecisions() }
        let facts = AccessFacts(
            policy: catalog.policy, teams: catalog.teams, chainsRoles: await issuance.chainsRoles(),
            zones: ZoneFiles.offsets(of: catalog.policy?.requirements?.zones ?? []))
        return AccessRules.complete.decide(request, knowing: facts)
    }

    /// Somebody asks for one of the policies of their first team.
    private static func request(of person: Int, at instant: Date) -> AccessRequest {
        let principal = Principal(
            id: PrincipalID(issuer: "https://idp.example", subject: "\(person)"), userName: "user-\(person)",
            teams: [person, person + 1, person + 2].map { "team-\($0 % teams)" },
            claims: ["custom:department": "research"])
        return AccessRequest(
            id: .random(), principal: principal,
            policyID: "policy-\((person % teams) * share + person / teams % share)", duration: .seconds(900),
            reason: nil, receivedAt: instant)
    }

    private static func catalog() throws -> PolicyCatalog {
        try PolicyCatalog(
            policies: (0..<policies).map { try policy($0) },
            teams: (0..<teams).map { team in
                try Team(id: "team-\(team)", policies: (0..<share).map { "policy-\(team * share + $0)" })
            })
    }

    /// With a condition, tags and an inline policy that takes one of them, as policies of a company have.
    private static func policy(_ number: Int) throws -> AccessPolicy {
        let condition = try ConditionBlock([
            "StringEquals": ["broker:Claim/custom:department": ["research", "sales"]],
            "NumericLessThanEquals": ["broker:DurationSeconds": ["3600"]],
        ])
        let resource = "arn:aws:s3:::data/{{tag/department}}/*"
        let statement = #"{"Effect":"Allow","Action":"s3:GetObject","Resource":"\#(resource)"}"#
        return try AccessPolicy(
            id: "policy-\(number)", description: "One of many", account: "111122223333",
            baseRole: RoleARN("arn:aws:iam::111122223333:role/Reader"), risk: try #require(Risk(10)),
            userTags: ["department"], defaultTags: [PolicyTag(key: "stage", value: "dev")],
            maximumDuration: .seconds(3600),
            inlinePolicy: #"{"Version":"2012-10-17","Statement":[\#(statement)]}"#,
            condition: ConditionBlocks(condition))
    }

    /// Nobody has decided on anything here before.
    private struct HasDecisions: Error {}
}
