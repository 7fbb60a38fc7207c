import AccessControl
import Credentials
import Foundation
import IDTokens
import StrictYAML
import Testing

@testable import Broker

@Suite struct ClaimMappingTests {
    private static func mappings(_ claims: [String]) throws -> IssuerList {
        let entries = claims.enumerated().map { index, text in
            "- {issuer: \"https://idp\(index).example\", audiences: [a], claims: {user: name, teams: groups\(text)}}"
        }
        return try StrictYAML.decode(IssuerList.self, from: entries.joined(separator: "\n"), file: "server.yaml")
    }

    private static func principal(
        _ list: IssuerList, of issuer: Int, groups: [String] = [], more: [String: ClaimValue] = [:]
    ) throws -> Principal {
        let name = "https://idp\(issuer).example"
        let claims: [String: ClaimValue] = [
            "name": .string("alice"), "groups": .array(groups.map { .string($0) }), "dept": .string("research"),
            "amr": .array([.string("pwd"), .string("hwk")]), "acr": .string("phr"), "suspended": .bool(true),
            "level": .number(3), "ids": .array([.number(1)]), "nothing": .null,
        ]
        let token = VerifiedIDToken(
            issuer: name, subject: "1", audiences: ["a"], expiration: .distantFuture, issuedAt: nil,
            claims: claims.merging(more) { _, new in new })
        return try #require(list.claims[name]).principal(of: token, from: RequestSource())
    }

    @Test func `One issuer can't speak for another's teams`() throws {
        let list = try Self.mappings([", team_prefix: corp/", ", team_prefix: partner/", ""])
        let groups = ["admins", "corp/admins", "partner/admins"]
        #expect(
            try Self.principal(list, of: 0, groups: groups).teams == [
                "corp/admins", "corp/corp/admins", "corp/partner/admins",
            ])
        #expect(try Self.principal(list, of: 1, groups: ["admins"]).teams == ["partner/admins"])
        #expect(try Self.principal(list, of: 2, groups: groups).teams == ["admins"])
    }

    @Test(arguments: [
        (#"{"ForAnyValue:StringEquals": {"broker:Claim/groups": ["contractors"]}}"#, true),
        (#"{"ForAllValues:StringNotEqualsIfExists": {"broker:Claim/Groups": ["contractors"]}}"#, false),
        (#"{"StringEquals": {"broker:Claim/dept": ["research"]}}"#, true),
        (#"{"Null": {"broker:Claim/suspended": ["true"]}}"#, false),
        (#"{"StringNotEqualsIfExists": {"broker:Claim/suspended": ["true"]}}"#, false),
        (#"{"ForAllValues:StringNotEqualsIfExists": {"broker:Claim/ids": ["2"]}}"#, false),
        (#"{"Bool": {"broker:Claim/suspended": ["true"]}}"#, true),
        (#"{"BoolIfExists": {"broker:Claim/suspended": ["false"]}}"#, false),
        (#"{"Bool": {"broker:Claim/dept": ["true", "false"]}}"#, false),
        (#"{"NumericGreaterThanEquals": {"broker:Claim/level": ["3"]}}"#, true),
        (#"{"NumericLessThanIfExists": {"broker:Claim/level": ["3"]}}"#, false),
        (#"{"StringEqualsIfExists": {"broker:Claim/level": ["3"]}}"#, false),
        (#"{"ForAnyValue:NumericEquals": {"broker:Claim/ids": ["1"]}}"#, false),
        (#"{"Null": {"broker:Claim/nothing": ["true"]}}"#, true), (#"{"Null": {"broker:Claim/x": ["true"]}}"#, true),
    ])
    func `Conditions see lists, Booleans and numbers as such, and what they can't judge as something that is there`(
        condition: String, permits: Bool
    ) throws {
        let lines = try JSONDecoder().decode([String: [String: [String]]].self, from: Data(condition.utf8))
        let person = try Self.principal(try Self.mappings([""]), of: 0, groups: ["staff", "contractors"])
        let verdict = try ConditionBlock(lines).verdict(in: ConditionContext(principal: person))
        #expect(verdict.permits == permits)
    }

    @Test func `A prefix that makes a name too long leaves no team`() throws {
        let list = try Self.mappings([", team_prefix: corp/"])
        #expect(try Self.principal(list, of: 0, groups: [String(repeating: "a", count: 124), "b"]).teams == ["corp/b"])
    }

    @Test func `Defect A10: which claim gives a tag is each issuer's own`() throws {
        let list = try Self.mappings([", tags: {department: dept}", ""])
        let mapped = try Self.principal(list, of: 0, groups: [])
        #expect(mapped.tagClaims.claim(forTag: "department") == "dept")
        #expect(mapped.tagClaims.claim(forTag: "team") == nil)
        #expect(try Self.principal(list, of: 1, groups: []).tagClaims.claim(forTag: "team") == "custom:team")
        #expect(mapped.authenticationMethods == ["pwd", "hwk"])
        #expect(mapped.authenticationClass == "phr")
        #expect(mapped.usedSeveralFactors == false)
    }

    private static let number = ClaimValue.string("+14155550100")

    @Test(
        arguments: [
            ("", ["phone_number": number, "phone_number_verified": .bool(true)], "+14155550100"),
            // As Amazon Cognito writes it.
            ("", ["phone_number": number, "phone_number_verified": .string("true")], "+14155550100"),
            ("", ["phone_number": number, "phone_number_verified": .bool(false)], nil),
            ("", ["phone_number": number, "phone_number_verified": .string("false")], nil),
            ("", ["phone_number": number], nil), ("", ["phone_number_verified": .bool(true)], nil),
            (", phone: phone_number", ["phone_number": number], nil),
            (", phone: \"custom:mobile\"", ["custom:mobile": number], "+14155550100"),
            (", phone: \"custom:mobile\"", ["phone_number": number, "phone_number_verified": .bool(true)], nil),
        ] as [(String, [String: ClaimValue], String?)])
    func `A telephone number counts if it is verified, or the configuration names another claim`(
        claims: String, token: [String: ClaimValue], number: String?
    ) throws {
        let list = try Self.mappings([claims, ", team_prefix: partner/"])
        #expect(try Self.principal(list, of: 0, more: token).phoneNumber == number)
    }

    @Test(arguments: [
        ([", tags: {Stage: a, stage: b}"], "\"Stage\" and \"stage\""),
        ([", tags: {stage: ''}"], "name a tag and its claim"),
        ([", phone: ''"], "\"phone\""),
        ([", team_prefix: ''"], "team_prefix"), ([", team_prefix: 'a b'"], "team_prefix"),
        ([", team_prefix: a/", ", team_prefix: a/b/"], "begins with the other's"),
        ([", team_prefix: a/", ", team_prefix: a/"], "begins with the other's"), ([", team: a"], "unknown key"),
    ])
    func `A mapping that can't be meant is refused`(claims: [String], mention: String) {
        let error = #expect(throws: InvalidYAML.self) { try Self.mappings(claims) }
        #expect(error?.description.contains(mention) == true, "\(String(describing: error))")
    }
}
