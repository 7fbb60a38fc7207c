import AccessControl
import Credentials
import Foundation

/// Each of 500 teams may request 20 of 10,000 policies; each of 100,000 people is in three teams.
enum Company {
    static let policies = 10_000
    static let people = 100_000
    private static let teams = 500
    /// How many policies a team may request.
    private static var share: Int { policies / teams }

    static func catalog() throws -> PolicyCatalog {
        try PolicyCatalog(
            policies: (0..<policies).map { try policy($0) },
            teams: (0..<teams).map { team in
                try Team(id: "team-\(team)", policies: (0..<share).map { "policy-\(team * share + $0)" })
            })
    }

    /// Somebody asks for one of the policies of their first team. Of the first ten thousand, each asks for another.
    static func request(of person: Int, at instant: Date) -> AccessRequest {
        let principal = Principal(
            id: PrincipalID(issuer: "https://idp.example", subject: "\(person)"), userName: "user-\(person)",
            teams: [person, person + 1, person + 2].map { "team-\($0 % teams)" },
            claims: ["custom:department": "research"])
        return AccessRequest(
            id: .random(), principal: principal,
            policyID: "policy-\((person % teams) * share + person / teams % share)", duration: .seconds(900),
            reason: nil, receivedAt: instant)
    }

    /// With a condition, tags and an inline policy that takes one of them, as policies of a company have.
    private static func policy(_ number: Int) throws -> AccessPolicy {
        let condition = try ConditionBlock([
            "StringEquals": ["broker:Claim/custom:department": ["research", "sales"]],
            "NumericLessThanEquals": ["broker:DurationSeconds": ["3600"]],
        ])
        let resource = "arn:aws:s3:::data/{{tag/department}}/*"
        let statement = #"{"Effect":"Allow","Action":"s3:GetObject","Resource":"\#(resource)"}"#
        guard let risk = Risk(10) else { throw NoSuchRisk() }
        return try AccessPolicy(
            id: "policy-\(number)", description: "One of many", account: "111122223333",
            baseRole: RoleARN("arn:aws:iam::111122223333:role/Reader"), risk: risk,
            userTags: ["department"], defaultTags: [PolicyTag(key: "stage", value: "dev")],
            maximumDuration: .seconds(3600),
            inlinePolicy: #"{"Version":"2012-10-17","Statement":[\#(statement)]}"#,
            condition: ConditionBlocks(condition))
    }

    private struct NoSuchRisk: Error {}
}
