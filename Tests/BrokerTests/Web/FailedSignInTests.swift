import AccessControl
import BrokerStore
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import PrometheusText
import Testing

@testable import Broker

/// Sign-ins in a browser that fail: what is recorded, counted and logged of them, and who is locked out.
@Suite struct FailedSignInTests {
    /// People at several addresses, behind a proxy that the broker trusts.
    private struct Visitors: Sendable {
        let broker: BrokerUnderTest
        let client: any TestClientProtocol

        func browser(at address: String) -> TestBrowser { TestBrowser(broker, over: client, from: address) }
    }

    private static let callback = "/sign-in/callback"

    private func broker() async throws -> BrokerUnderTest {
        try await BrokerUnderTest(hasPages: true, edge: BrokerEdge(proxies: try TrustedProxies(["127.0.0.0/8"])))
    }

    private func visit(_ broker: BrokerUnderTest, _ body: @Sendable (Visitors) async throws -> Void) async throws {
        try await buildApplication(broker.parts, address: .hostname("127.0.0.1", port: 0)).test(.live) { client in
            try await body(Visitors(broker: broker, client: client))
        }
    }

    private func failures(_ broker: BrokerUnderTest) async throws -> [AuditedAuthenticationFailure] {
        let events = try await broker.records.auditTrail(after: 0, limit: 1000).map(\.event)
        return events.compactMap { event -> AuditedAuthenticationFailure? in
            guard case .authenticationFailure(let failure) = event else { return nil }
            return failure
        }
    }

    private func counted(_ broker: BrokerUnderTest) -> [String] {
        broker.metrics.registry.text().split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix("stsbroker_sign_in_failures_total{") }
    }

    @Test(arguments: [
        ("spent", "code_refused", 403), ("foreign", "foreign_answer", 502),
        ("garbled", "unusable_answer", 502), ("unregistered", "client_refused", 502),
        (FakeTokens.expired, "expired", 403),
    ])
    func `one that fails is in the trail, the metric and the log, with its problem`(
        code: String, problem: String, status: Int
    ) async throws {
        let broker = try await broker()
        let answer = try await TestBrowser(broker).signIn(as: code)
        // Browsers would ask for a password.
        #expect(answer.status == status && answer.headers[.wwwAuthenticate] == nil)
        let expected = AuditedAuthenticationFailure(
            problem: problem, path: Self.callback, source: RequestSource(), suppressed: 0)
        #expect(try await failures(broker) == [expected])
        #expect(counted(broker) == [#"stsbroker_sign_in_failures_total{problem="\#(problem)"} 1"#])
        #expect(broker.log.text.contains("authentication failed") && broker.log.text.contains(problem))
    }

    @Test func `the log says what the operator is to be told, and neither code nor state`() async throws {
        let broker = try await broker()
        let browser = TestBrowser(broker)
        let told = try await browser.signIn(as: "unregistered")
        #expect(told.body.contains("Tell the broker&#39;s operator"))
        #expect(broker.log.text.contains("invalid_client"))
        for code in ["a-code-of-nobody", "foreign"] {
            _ = try await browser.send(.get, "\(Self.callback)?state=a-state-of-nobody&code=\(code)")
        }
        #expect(broker.log.text.contains("the ID token's nonce is not this sign-in's"))
        let trail = try await broker.records.auditTrail(after: 0, limit: 1000).map { "\($0)" }.joined()
        #expect(!broker.log.text.contains("of-nobody") && !trail.contains("of-nobody"))
    }

    @Test func `what fails before the provider is asked is in the log and the metric only`() async throws {
        let broker = try await broker()
        #expect(try await TestBrowser(broker).signIn(as: "stray").status == 403)
        #expect(try await failures(broker).isEmpty)
        #expect(counted(broker) == [#"stsbroker_sign_in_failures_total{problem="state_mismatch"} 1"#])
        #expect(broker.log.text.contains("the redirect's state is not this sign-in's"))
    }

    @Test func `a callback without the cookie of this broker's sign-in is no attempt`() async throws {
        let broker = try await broker()
        let (own, other) = (TestBrowser(broker), TestBrowser(broker))
        _ = try await other.send(.get, "/sign-in/start")
        let target = "\(Self.callback)?code=\(FakeTokens.guardian)&state=x"
        #expect(try await own.send(.get, target).status == 403)
        own.jar = other.jar.mapValues { String($0.dropLast()) + ($0.hasSuffix("A") ? "B" : "A") }
        let head = try await own.send(.head, target)
        #expect(head.status == 403 && head.body.isEmpty)
        #expect(try await failures(broker).isEmpty)
        #expect(broker.log.text.contains("no cookie of a sign-in"))
        #expect(counted(broker) == [#"stsbroker_sign_in_failures_total{problem="sign_in_not_begun"} 2"#])
    }

    @Test(arguments: [("cancelled", 403, "access_denied"), ("down", 503, "connection refused")])
    func `nobody has failed who changes their mind, or whose provider is down, but the log says why`(
        code: String, status: Int, reason: String
    ) async throws {
        let broker = try await broker()
        #expect(try await TestBrowser(broker).signIn(as: code).status == status)
        #expect(try await failures(broker).isEmpty)
        #expect(counted(broker).isEmpty)
        #expect(broker.log.text.contains("sign-in not finished") && broker.log.text.contains(reason))
    }

    @Test(arguments: [FakeTokens.expired, "spent", "foreign"])
    func `of one address 61 are one too many, as with the API, and others go on`(code: String) async throws {
        let broker = try await broker()
        try await visit(broker) { (visitors: Visitors) async throws in
            let guessing = visitors.browser(at: "198.51.100.7")
            for _ in 0..<60 { #expect(try await guessing.signIn(as: code).status != 429) }
            let refused = try await guessing.send(.get, "/sign-in/start")
            #expect(refused.status == 429 && refused.headers[.retryAfter] == "1")
            #expect(try await visitors.browser(at: "198.51.100.8").signIn(as: FakeTokens.guardian).status == 303)
            broker.clock.advance(by: 1)
            #expect(try await guessing.signIn(as: FakeTokens.guardian).status == 303)
        }
    }

    @Test func `no page of another site locks out those who look at it, nor does a provider that is out of order`()
        async throws
    {
        let broker = try await broker()
        try await visit(broker) { (visitors: Visitors) async throws in
            let looking = visitors.browser(at: "198.51.100.7")
            let image = "\(Self.callback)?code=stray&state=x"
            for _ in 0..<61 { #expect(try await looking.send(.get, image).status == 403) }
            _ = try await looking.send(.get, "/sign-in/start")
            for destination in ["image", "iframe", "empty", "document"] {
                for _ in 0..<61 {
                    #expect(try await looking.send(.get, image, destination: destination).status == 403)
                }
            }
            for code in ["garbled", "unregistered", "cancelled"] {
                for _ in 0..<61 { #expect(try await looking.signIn(as: code).status != 429) }
            }
            #expect(try await looking.signIn(as: FakeTokens.guardian).status == 303)
        }
    }

    @Test func `floods of them are counted, not written one by one`() async throws {
        let broker = try await broker()
        try await visit(broker) { (visitors: Visitors) async throws in
            for address in ["198.51.100.7", "198.51.100.8"] {
                for _ in 0..<40 { _ = try await visitors.browser(at: address).signIn(as: "spent") }
            }
            #expect(try await failures(broker).count == 60)
            broker.clock.advance(by: 61)
            _ = try await visitors.browser(at: "198.51.100.9").signIn(as: "spent")
            let last = try #require(try await failures(broker).last)
            #expect(last.suppressed == 20 && last.source?.address == SourceAddress("198.51.100.9"))
        }
    }
}
