import AccessControl
import BrokerStore
import Credentials
import Foundation
import Testing

@testable import Broker

/// How long a decision takes among many policies, for many people: a measurement, not a test, which only runs where
/// `STSBROKER_MEASURE` is in the environment (`make bench-broker`).
@Suite(.enabled(if: ProcessInfo.processInfo.environment["STSBROKER_MEASURE"] != nil))
struct DecisionMeasurement {
    private static let policies = 10_000
    private static let teams = 500
    private static let people = 100_000

    /// Each of 500 teams may request 20 of 10,000 policies; each of 100,000 people is in three teams.
    @Test(.timeLimit(.minutes(10)))
    func `a decision among ten thousand policies for each of a hundred thousand people`()
        async throws
    {
        let broker = try await BrokerUnderTest(policies: "policies: []\nteams: []")
        let share = Self.policies / Self.teams
        let policies = try (0..<Self.policies).map { number in
            try AccessPolicy(
                id: "policy-\(number)", description: "One of many", account: "111122223333",
                baseRole: RoleARN("arn:aws:iam::111122223333:role/Reader"), risk: try #require(Risk(10)),
                maximumDuration: .seconds(3600))
        }
        let teams = try (0..<Self.teams).map { team in
            try Team(id: "team-\(team)", policies: (0..<share).map { "policy-\(team * share + $0)" })
        }
        let catalog = try PolicyCatalog(policies: policies, teams: teams)
        _ = try await broker.records.base.replaceCatalog(with: catalog, by: .file("many"), at: broker.clock.now)
        var milliseconds: [Double] = []
        for person in 0..<Self.people {
            let own = [person, person + 1, person + 2].map { "team-\($0 % Self.teams)" }
            let principal = Principal(
                id: PrincipalID(issuer: "https://idp.example", subject: "\(person)"), userName: "user-\(person)",
                teams: own, claims: [:])
            let request = AccessRequest(
                id: .random(), principal: principal,
                policyID: "policy-\((person % Self.teams) * share + person / Self.teams % share)",
                duration: .seconds(900),
                reason: nil, receivedAt: broker.clock.now)
            let begin = ContinuousClock.now
            let excerpt = try await broker.records.catalogExcerpt(policy: request.policyID, teams: principal.teams)
            let facts = AccessFacts(policy: try excerpt.policy.get(), teams: excerpt.teams, chainsRoles: false)
            let decision = AccessRules.standard.decide(request, knowing: facts)
            milliseconds.append((ContinuousClock.now - begin) / .milliseconds(1))
            try #require(decision.outcome == .allow)
        }
        milliseconds.sort()
        let (median, late) = (milliseconds[Self.people / 2], milliseconds[Self.people * 99 / 100])
        print("a decision, its policy and its teams read: p50 \(median) ms, p99 \(late) ms")
    }
}
