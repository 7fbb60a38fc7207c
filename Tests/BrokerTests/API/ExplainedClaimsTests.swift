import Foundation
import HTTPTypes
import Testing

@testable import Broker

/// What conditions make of claims that an auditor supposes.
@Suite struct ExplainedClaimsTests {
    private static let staff = #"{"ForAnyValue:StringEquals": {"broker:Claim/groups": staff}}"#
    private static let noGroups = #"{"Null": {"broker:Claim/groups": "true"}}"#
    private static let suspended = #"{"Null": {"broker:Claim/suspended": "false"}}"#
    private static let notSuspended = #"{"StringNotEqualsIfExists": {"broker:Claim/suspended": "true"}}"#

    private static let isActive = #"{"Bool": {"broker:Claim/active": "true"}}"#
    private static let isHigh = #"{"NumericGreaterThanEquals": {"broker:Claim/level": "3"}}"#

    @Test(arguments: [
        (staff, #"{"groups":["ops","staff"]}"#, true), (staff, #"{"groups":["ops"]}"#, false),
        (staff, #"{"groups":"staff"}"#, true), (staff, #"{"groups":["staff",1]}"#, false),
        (noGroups, #"{"groups":[]}"#, true), (noGroups, #"{"groups":[1]}"#, false), (noGroups, "{}", true),
        (suspended, #"{"suspended":false}"#, true), (suspended, #"{"suspended":0.5}"#, true),
        (suspended, #"{"suspended":{"by":null}}"#, true), (suspended, #"{"suspended":[null]}"#, true),
        (suspended, #"{"suspended":""}"#, false), (suspended, "{}", false),
        (notSuspended, #"{"suspended":"false"}"#, true), (notSuspended, #"{"suspended":true}"#, false),
        (notSuspended, "{}", true),
        (isActive, #"{"active":true}"#, true), (isActive, #"{"active":false}"#, false),
        (isActive, #"{"active":"true"}"#, false), (isActive, #"{"active":1}"#, false),
        (isActive, #"{"active":[true]}"#, false), (isActive, "{}", false),
        (isHigh, #"{"level":3}"#, true), (isHigh, #"{"level":3.5e2}"#, true), (isHigh, #"{"level":2.9}"#, false),
        (isHigh, #"{"level":"3"}"#, false), (isHigh, #"{"level":true}"#, false), (isHigh, #"{"level":[3]}"#, false),
    ])
    func `A claim of any kind is judged as it would be in a token`(
        condition: String, claims: String, holds: Bool
    ) async throws {
        let policies = BrokerUnderTest.policies.replacing(
            "max_duration: 2h}", with: "max_duration: 2h, condition: \(condition)}")
        let body = #"{"policy":"reader","user":"bob","teams":["developers"],"claims":\#(claims)}"#
        let broker = try await BrokerUnderTest(policies: policies)
        let answer = try await broker.send(.post, "/v1/explain", token: FakeTokens.guardian, body: body)
        #expect(answer.status == 200)
        let rules = try #require(answer.json["rules"] as? [[String: String]])
        let verdict = rules.first { $0["rule"] == "condition" }?["verdict"]
        #expect(verdict == (holds ? "permits" : "forbids"), "\(rules)")
    }

    private static let nested = String(repeating: "[", count: 99) + String(repeating: "]", count: 99)

    @Test(arguments: [
        (#"{"x":null}"#, #"The key "claims" must not have null as "x"; leave out a claim that is missing."#),
        (#"{"x":[1e999]}"#, #"The key "x" is out of range, or nested too deeply."#),
        (#"["x"]"#, #"The key "claims" must be "#),
        ("{\"x\":" + nested + "}", #"The key "x" is out of range, or nested too deeply."#),
    ])
    func `What no token's claim can be is malformed, and the answer says where`(
        claims: String, detail: String
    ) async throws {
        let broker = try await BrokerUnderTest()
        let body = #"{"policy":"reader","user":"b","claims":\#(claims)}"#
        let answer = try await broker.send(.post, "/v1/explain", token: FakeTokens.guardian, body: body)
        #expect(answer.problemCode == "invalid_request")
        #expect(answer.detail.hasPrefix(detail), "\(answer.detail)")
    }
}
