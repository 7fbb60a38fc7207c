import AWSAPI
import AccessControl
import BrokerStore
import Foundation
import Hummingbird
import HummingbirdTesting
import PrometheusText
import Testing

@testable import Broker

@Suite struct BrokerMetricsTests {
    private func lines(_ broker: BrokerUnderTest, _ prefix: String) -> [String] {
        broker.metrics.registry.text().split(separator: "\n").map(String.init).filter { $0.hasPrefix(prefix) }
    }

    @Test func `requests are counted by route, decisions and issuances by outcome`() async throws {
        let broker = try await BrokerUnderTest()
        for policy in ["reader", "reader", "admin", "foreign"] { _ = try await broker.ask(policy) }
        broker.sts.fail(with: .refused(code: "AccessDenied", status: 403, message: "no"))
        _ = try await broker.ask("reader")
        _ = try await broker.send(.get, "/v1/requests/12/34", token: nil)
        _ = try await broker.send(.get, "/v1/requests/0123", token: nil)
        #expect(
            lines(broker, "stsbroker_http_requests_total") == [
                #"stsbroker_http_requests_total{method="GET",route="/v1/requests/{id}",status="401"} 1"#,
                #"stsbroker_http_requests_total{method="GET",route="none",status="404"} 1"#,
                #"stsbroker_http_requests_total{method="POST",route="/v1/credentials",status="200"} 2"#,
                #"stsbroker_http_requests_total{method="POST",route="/v1/credentials",status="202"} 1"#,
                #"stsbroker_http_requests_total{method="POST",route="/v1/credentials",status="404"} 1"#,
                #"stsbroker_http_requests_total{method="POST",route="/v1/credentials",status="502"} 1"#,
            ])
        #expect(
            lines(broker, "stsbroker_decisions_total") == [
                #"stsbroker_decisions_total{outcome="allow"} 3"#, #"stsbroker_decisions_total{outcome="deny"} 1"#,
                #"stsbroker_decisions_total{outcome="needs_approval"} 1"#,
            ])
        #expect(
            lines(broker, "stsbroker_issuances_total") == [
                #"stsbroker_issuances_total{outcome="issued"} 2"#,
                #"stsbroker_issuances_total{outcome="upstream_refused"} 1"#,
            ])
        let durations = lines(broker, "stsbroker_http_request_duration_seconds_count")
        #expect(durations.contains(#"stsbroker_http_request_duration_seconds_count{route="/v1/credentials"} 5"#))
    }

    @Test func `a method that nobody knows is no label of its own`() async throws {
        let broker = try await BrokerUnderTest()
        for name in ["BREW", "WHEN"] {
            _ = try await broker.send(try #require(HTTPRequest.Method(name)), "/healthz", token: nil)
        }
        #expect(
            lines(broker, "stsbroker_http_requests_total") == [
                #"stsbroker_http_requests_total{method="other",route="none",status="405"} 2"#
            ])
    }

    @Test func `refused tokens are counted by problem`() async throws {
        let broker = try await BrokerUnderTest()
        for token in [FakeTokens.expired, FakeTokens.expired, "x.y.z", FakeTokens.unverifiable] {
            _ = try await broker.send(.get, "/v1/policies", token: token)
        }
        #expect(
            lines(broker, "stsbroker_sign_in_failures_total") == [
                #"stsbroker_sign_in_failures_total{problem="bad_signature"} 1"#,
                #"stsbroker_sign_in_failures_total{problem="expired"} 2"#,
            ])
    }

    @Test func `notices that wait are counted by target, and what is gone is gone`() async throws {
        let broker = try await BrokerUnderTest()
        #expect(try await broker.records.base.figures().outbox.isEmpty)
        _ = try await broker.send(
            .post, "/v1/requests", body: #"{"policy":"reader","channel":"none"}"#)
        broker.metrics.update(.init(auditRecords: 7, outbox: ["desk": 2, "people": 1]))
        #expect(
            lines(broker, "stsbroker_outbox_notices") == [
                #"stsbroker_outbox_notices{target="desk"} 2"#, #"stsbroker_outbox_notices{target="people"} 1"#,
            ])
        broker.metrics.update(try await broker.records.base.figures())
        #expect(lines(broker, "stsbroker_outbox_notices").isEmpty)
        #expect(lines(broker, "stsbroker_audit_records") != ["stsbroker_audit_records 0"])
    }
}
