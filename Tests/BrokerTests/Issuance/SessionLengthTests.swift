import AWSAPI
import AccessControl
import BrokerStore
import Foundation
import HTTPTypes
import Testing

/// How long what is minted lasts: as the role allows it, and as whoever comes for it wants it.
@Suite struct SessionLengthTests {
    private static let long = BrokerUnderTest.policies.replacing(
        "role/Admin\", risk: 80, max_duration: 1h", with: "role/Admin\", risk: 80, max_duration: 12h")
    private static let hour = "2027-01-15T09:00:00Z"

    private func lengths(_ broker: BrokerUnderTest) -> [Int] { broker.sts.calls.map(\.durationSeconds) }

    private func issuances(_ broker: BrokerUnderTest) async throws -> [AuditedIssuance] {
        try await broker.records.auditTrail(after: 0, limit: 100).compactMap { record in
            if case .issuance(let issuance) = record.event { issuance } else { nil }
        }
    }

    // MARK: What the role allows

    @Test func `a long grant on a role that turns out to allow an hour is used hour by hour`() async throws {
        let broker = try await BrokerUnderTest(policies: Self.long)
        broker.sts.refuse(over: 3600)
        let granted = try await RequestsUnderTest(broker: broker).granted(seconds: 43_200)
        let issued = try await broker.ask("admin", seconds: nil)
        #expect(issued.status == 200, "\(issued.body)")
        #expect(issued.json["request_id"] as? String == granted.json["request_id"] as? String)
        #expect(issued.json["expiration"] as? String == Self.hour)
        let cut = try #require(issued.json["shortened"] as? [String: Any])
        #expect(cut["asked_seconds"] as? Int == 43_200 && cut["granted_seconds"] as? Int == 3600)
        #expect((cut["reason"] as? String)?.contains("MaxSessionDuration") == true)
        #expect(try await broker.send(.get, "/credentials").body.contains("AccessKeyId"))
        #expect(lengths(broker) == [43_200, 3600, 43_200, 3600])
        let recorded = try await issuances(broker)
        #expect(recorded.map(\.expiration) == [Self.hour, Self.hour])
        #expect(recorded.map(\.accessKeyID) == ["ASIAEXAMPLE2", "ASIAEXAMPLE4"])
        #expect(try await !broker.auditKinds().contains(.refusal))
        #expect(broker.log.text.contains("warning") && broker.log.text.contains("role_max_session"))
    }

    @Test func `what is allowed at once is cut to an hour likewise, and whoever asked is told`() async throws {
        let broker = try await BrokerUnderTest()
        broker.sts.refuse(over: 3600)
        let body = #"{"policy":"reader","duration_seconds":43200,"shorten":true}"#
        let issued = try await broker.send(.post, "/v1/credentials", body: body)
        #expect(issued.status == 200 && issued.json["expiration"] as? String == Self.hour, "\(issued.body)")
        let cut = try #require(issued.json["shortened"] as? [String: Any])
        #expect(cut["asked_seconds"] as? Int == 43_200 && cut["granted_seconds"] as? Int == 3600)
        #expect(lengths(broker) == [7200, 3600])
        let link = try await broker.send(.post, "/v1/console-links", body: #"{"policy":"reader"}"#)
        #expect(link.status == 200 && link.json["expiration"] as? String == Self.hour)
        #expect(broker.console.calls.map(\.seconds) == [3600])
        #expect(try await issuances(broker).map(\.expiration) == [Self.hour, Self.hour])
    }

    @Test(arguments: [
        ("max_duration: 2h, role_max_session: 2h", 7200, FakeSTS.tooLong),
        ("max_duration: 2h", 3600, FakeSTS.tooLong),
        ("max_duration: 2h", 7200, .refused(code: "AccessDenied", status: 403, message: "no")),
        ("max_duration: 2h", 7200, .refused(code: "RegionDisabledException", status: 403, message: "no")),
        ("max_duration: 2h", 7200, .unavailable("connection refused")),
    ])
    func `STS is asked once where the policy says what the role allows, for an hour, and after any other answer`(
        durations: String, seconds: Int, failure: AWSError
    ) async throws {
        let broker = try await BrokerUnderTest(
            policies: BrokerUnderTest.policies.replacing("max_duration: 2h", with: durations))
        broker.sts.fail(with: failure)
        #expect(try await broker.ask("reader", seconds: seconds).status >= 500)
        #expect(lengths(broker) == [seconds])
        #expect(try await broker.auditKinds() == [.request, .decision, .refusal])
        #expect(!broker.log.text.contains("role_max_session"))
    }

    @Test func `a call that is invalid for an hour too is refused, once for all`() async throws {
        let broker = try await BrokerUnderTest()
        broker.sts.fail(with: FakeSTS.tooLong)
        let refused = try await broker.ask("reader", seconds: 7200)
        #expect(refused.status == 502 && refused.problemCode == "upstream_refused")
        #expect(lengths(broker) == [7200, 3600])
        #expect(try await broker.auditKinds() == [.request, .decision, .refusal])
        #expect(!broker.log.text.contains("role_max_session"))
    }

    @Test func `what is cut is withheld like anything else that can't be recorded`() async throws {
        let broker = try await BrokerUnderTest()
        broker.sts.refuse(over: 3600)
        broker.records.fail(.record)
        let answer = try await broker.ask("reader", seconds: 7200)
        #expect(answer.status == 503 && !answer.body.contains(FakeSTS.secretKey))
        #expect(lengths(broker) == [7200, 3600])
    }

    // MARK: What no retry mends

    @Test(arguments: ["PackedPolicyTooLarge", "MalformedPolicyDocument"])
    func `a grant that STS will never mint under says by AWS's name why, and stays what it is`(code: String)
        async throws
    {
        let broker = try await BrokerUnderTest(policies: Self.long)
        let requests = RequestsUnderTest(broker: broker)
        let granted = try await requests.granted(seconds: 43_200)
        broker.sts.fail(with: .refused(code: code, status: 400, message: "Packed policy consumes 118%"))
        for refused in [try await broker.ask("admin"), try await broker.send(.get, "/credentials")] {
            #expect(refused.status == 422 && refused.problemCode == "limit_exceeded")
            #expect(refused.detail.contains("\(code): ") && !refused.detail.contains("118"), "\(refused.detail)")
        }
        #expect(try await requests.state(granted) == "active")
        #expect(try await broker.auditKinds().suffix(2) == [.refusal, .refusal])
    }

    // MARK: What whoever comes wants

    @Test(arguments: [(900, 900), (60, 900), (1800, 1800), (43_200, 28_800), (nil, 28_800)])
    func `under an approval a session is as long as what is left, or as it is wanted`(wanted: Int?, given: Int)
        async throws
    {
        let broker = try await BrokerUnderTest(policies: Self.long)
        _ = try await RequestsUnderTest(broker: broker).granted(seconds: 28_800)
        let issued = try await broker.ask("admin", seconds: wanted)
        #expect(issued.status == 200, "\(issued.body)")
        let duration = wanted.map { #","duration_seconds":\#($0)"# } ?? ""
        let link = try await broker.send(.post, "/v1/console-links", body: #"{"policy":"admin"\#(duration)}"#)
        #expect(link.status == 200, "\(link.body)")
        #expect(lengths(broker) == [given, given])
        #expect(broker.console.calls.map(\.seconds) == [given])
        let end = broker.clock.now.addingTimeInterval(Double(given)).formatted(.iso8601)
        #expect([issued, link].map { $0.json["expiration"] as? String } == [end, end])
        #expect(try await issuances(broker).map(\.expiration) == [end, end])
    }

    @Test func `what is wanted lengthens nothing that ends sooner`() async throws {
        let broker = try await BrokerUnderTest(policies: Self.long)
        _ = try await RequestsUnderTest(broker: broker).granted(seconds: 7200)
        broker.clock.advance(by: 3600)
        _ = try await broker.ask("admin", seconds: 7200)
        broker.clock.advance(by: 3500)
        _ = try await broker.ask("admin", seconds: 7200)
        #expect(lengths(broker) == [3600, 900])
    }
}
