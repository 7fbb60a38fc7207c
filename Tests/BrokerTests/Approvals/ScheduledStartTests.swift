import AccessControl
import Foundation
import HTTPTypes
import Testing

@testable import Broker

/// What is asked for ahead, of a policy whose `automatic` wants an hour of the day and a recent sign-in. The tests begin
/// at 08:00.
@Suite struct ScheduledStartTests {
    private let broker: BrokerUnderTest

    init() async throws {
        let begin = #"DateGreaterThanEquals: {"broker:TimeOfDay": "08:00"}"#
        let end = #"DateLessThan: {"broker:TimeOfDay": "18:00"}"#
        let signIn = #"NumericLessThan: {"broker:MfaAge": "900"}"#
        broker = try await Self.broker("{\(begin), \(end), \(signIn)}")
    }

    private static func broker(_ automatic: String) async throws -> BrokerUnderTest {
        try await BrokerUnderTest(
            policies: BrokerUnderTest.policies.replacing("risk: 80,", with: "risk: 80, automatic: \(automatic),"))
    }

    /// As somebody who has just signed in with a second factor.
    private func ask(
        after delay: TimeInterval?, extra: String = "", at broker: BrokerUnderTest? = nil
    ) async throws -> Answer {
        let broker = broker ?? self.broker
        let start = delay.map { broker.clock.now.addingTimeInterval($0).formatted(.iso8601) }
        let startsAt = start.map { #","starts_at":"\#($0)""# } ?? ""
        return try await broker.send(
            .post, "/v1/requests", token: FakeTokens.mfa,
            body: #"{"policy":"admin","duration_seconds":1800\#(startsAt)\#(extra)}"#)
    }

    /// By both ways in which programs come for credentials.
    private func comeForIt(as token: String) async throws -> [Answer] {
        [try await broker.ask("admin", token: token), try await broker.send(.get, "/credentials", token: token)]
    }

    @Test(
        arguments: [
            (nil, "active"), (600, "scheduled"), (35_999, "scheduled"), (36_000, "pending"), (67_200, "pending"),
        ] as [(TimeInterval?, String)])
    func `what is automatic by day isn't by night, at whatever hour somebody asks for it`(
        delay: TimeInterval?, state: String
    ) async throws {
        #expect(try await ask(after: delay).json["state"] as? String == state)
    }

    @Test func `what was allowed ahead is judged anew when it is minted, with the sign-in of then`() async throws {
        let request = try await ask(after: 1800)
        #expect(request.json["state"] as? String == "scheduled")
        broker.clock.advance(by: 1800)
        for refused in try await comeForIt(as: FakeTokens.mfa) + comeForIt(as: FakeTokens.developer) {
            #expect(refused.status == 403 && refused.problemCode == "access_denied")
            #expect(refused.detail.contains("granted ahead"), "\(refused.detail)")
            #expect(refused.detail.contains("broker:MfaAge"), "\(refused.detail)")
            #expect(refused.json["request_id"] as? String == request.json["request_id"] as? String)
        }
        #expect(broker.sts.calls.isEmpty)
        #expect(try await broker.auditKinds().suffix(4) == [.refusal, .refusal, .refusal, .refusal])
        for issued in try await comeForIt(as: FakeTokens.mfaAgain) { #expect(issued.status == 200) }
        #expect(broker.sts.calls.count == 2)
    }

    @Test func `what people have approved ahead needs no word of automatic`() async throws {
        let requests = RequestsUnderTest(broker: broker)
        let request = try await ask(after: 36_000)
        #expect(try await requests.decide(request).json["state"] as? String == "scheduled")
        broker.clock.advance(by: 36_000)
        for issued in try await comeForIt(as: FakeTokens.developer) { #expect(issued.status == 200, "\(issued.body)") }
    }

    @Test func `what was allowed from now on is had until it ends`() async throws {
        #expect(try await ask(after: nil).json["state"] as? String == "active")
        broker.clock.advance(by: 1200)
        for issued in try await comeForIt(as: FakeTokens.mfa) { #expect(issued.status == 200, "\(issued.body)") }
    }

    @Test func `what automatic asks of the request itself is what was asked`() async throws {
        let words = #"StringLike: {"broker:Ticket": "OPS-?*", "broker:Reason": "*deploy*"}"#
        let length = #"NumericLessThanEquals: {"broker:DurationSeconds": "1800"}"#
        let broker = try await Self.broker("{\(words), \(length)}")
        let said = #","ticket":"OPS-1","reason":"to deploy it""#
        #expect(try await ask(after: 600, at: broker).json["state"] as? String == "pending")
        #expect(try await ask(after: 600, extra: said, at: broker).json["state"] as? String == "scheduled")
        broker.clock.advance(by: 600)
        #expect(try await broker.send(.get, "/credentials").body.contains("AccessKeyId"))
    }

    @Test func `what was allowed ahead and no longer holds takes nothing from what people approved`() async throws {
        let requests = RequestsUnderTest(broker: broker)
        let approved = try await requests.granted(seconds: 3600)
        #expect(try await ask(after: 600).json["state"] as? String == "scheduled")
        broker.clock.advance(by: 1200)
        let answer = try await broker.ask("admin", token: FakeTokens.mfa)
        #expect(answer.status == 200)
        #expect(answer.json["request_id"] as? String == (try requests.id(approved)))
    }
}
