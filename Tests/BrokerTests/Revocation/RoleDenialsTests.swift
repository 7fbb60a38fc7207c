import AWSAPI
import AccessControl
import BrokerStore
import Foundation
import HTTPTypes
import Testing

@testable import Broker

/// Revoked for real, denied in an IAM that fails.
@Suite struct RoleDenialsTests {
    private let iam = FakeIAM()

    private func denials(_ broker: BrokerUnderTest) -> RoleDenials {
        RoleDenials(
            records: broker.records.base, iam: iam, policyName: "stsbroker-revoked", logger: broker.logger,
            now: { [clock = broker.clock] in clock.now }, jitter: { 0.5 })
    }

    /// Credentials under a grant; its request's id and the session's name.
    private func asked(_ broker: BrokerUnderTest, seconds: Int = 900) async throws -> (id: String, name: String) {
        let answer = try await broker.ask("reader", seconds: seconds)
        let id = try #require(answer.json["request_id"] as? String, "\(answer.body)")
        return (id, try #require(broker.sts.calls.last?.roleSessionName))
    }

    private func revoke(_ id: String, of broker: BrokerUnderTest) async throws {
        let revoked = try await broker.send(.post, "/v1/requests/\(id)/revoke", body: "{}")
        #expect(revoked.status == 200, "\(revoked.body)")
    }

    /// The name of the sessions under a grant that is revoked.
    private func revoked(_ broker: BrokerUnderTest) async throws -> String {
        let (id, name) = try await asked(broker)
        try await revoke(id, of: broker)
        return name
    }

    private func outcomes(_ broker: BrokerUnderTest) async throws -> [AuditedRoleDenial.Outcome] {
        try await broker.records.auditTrail(after: 0, limit: 1000).compactMap { record in
            if case .roleDenial(let event) = record.event { event.outcome } else { nil }
        }
    }

    private var document: String? { iam.policies["Reader"]?["stsbroker-revoked"] }

    @Test func `a revoked grant's sessions are denied, nobody else's are, and only until they have expired`()
        async throws
    {
        let broker = try await BrokerUnderTest(namesGrants: true)
        let denials = denials(broker)
        _ = try await broker.ask("reader")
        await denials.reconcile()
        #expect(iam.calls == 0, "nothing is revoked")

        let name = try await revoked(broker)
        await denials.reconcile()
        #expect(document?.contains("\"*:\(name)\"") == true)
        #expect(document?.split(separator: "*:").count == 2, "one session")
        #expect(name.hasPrefix("developer.") && broker.sts.calls.last?.sourceIdentity == "developer")

        let calls = iam.calls
        await denials.reconcile()
        #expect(iam.calls == calls, "what is done isn't done again")

        broker.clock.advance(by: 900 + 299)
        await denials.reconcile()
        #expect(document != nil)
        broker.clock.advance(by: 2)
        await denials.reconcile()
        #expect(iam.policies["Reader"]?.isEmpty == true)
        #expect(try await outcomes(broker) == [.denied, .lifted])
        #expect(try await broker.records.base.roleDenials().isEmpty)
    }

    @Test func `a second revocation joins the first in one policy`() async throws {
        let broker = try await BrokerUnderTest(namesGrants: true)
        let denials = denials(broker)
        let (first, second) = (try await asked(broker), try await asked(broker, seconds: 1800))
        try await revoke(first.id, of: broker)
        await denials.reconcile()
        #expect(document?.contains(first.name) == true && document?.contains(second.name) == false)
        try await revoke(second.id, of: broker)
        await denials.reconcile()
        #expect(document?.contains(first.name) == true && document?.contains(second.name) == true)
        broker.clock.advance(by: 1202)
        await denials.reconcile()
        #expect(document?.contains(first.name) == false && document?.contains(second.name) == true)
    }

    @Test func `revoking doesn't wait for IAM; what fails is tried again later, and is audited once`() async throws {
        let broker = try await BrokerUnderTest(namesGrants: true)
        let denials = denials(broker)
        iam.fail(with: .refused(code: "AccessDenied", status: 403, message: "no"))
        let name = try await revoked(broker)
        for _ in 0..<3 { await denials.reconcile() }
        #expect(iam.calls == 1)
        broker.clock.advance(by: 5)
        await denials.reconcile()
        #expect(iam.calls == 2)
        iam.fail(with: nil)
        broker.clock.advance(by: 5)
        await denials.reconcile()
        #expect(document == nil, "the pause has doubled")
        broker.clock.advance(by: 5)
        await denials.reconcile()
        #expect(document?.contains(name) == true)
        #expect(try await outcomes(broker) == [.failed, .denied])
    }

    @Test func `a new revocation is tried at once, also after a failure`() async throws {
        let broker = try await BrokerUnderTest(namesGrants: true)
        let denials = denials(broker)
        let (first, second) = (try await asked(broker), try await asked(broker))
        iam.fail(with: .throttled(retryAfter: nil))
        try await revoke(first.id, of: broker)
        await denials.reconcile()
        iam.fail(with: nil)
        try await revoke(second.id, of: broker)
        await denials.reconcile()
        #expect(document?.contains(second.name) == true)
    }

    @Test func `what a crash interrupts is done again by the next process, putting and removing alike`() async throws {
        let broker = try await BrokerUnderTest(namesGrants: true)
        iam.loseAnswers(true)
        let name = try await revoked(broker)
        await denials(broker).reconcile()
        #expect(try await broker.records.base.roleDenials().map(\.isApplied) == [false])
        iam.loseAnswers(false)
        await denials(broker).reconcile()
        #expect(document?.contains(name) == true)
        #expect(try await broker.records.base.roleDenials().map(\.isApplied) == [true])

        broker.clock.advance(by: 1300)
        iam.loseAnswers(true)
        await denials(broker).reconcile()
        iam.loseAnswers(false)
        await denials(broker).reconcile()
        #expect(document == nil)
        #expect(try await broker.records.base.roleDenials().isEmpty)
    }

    @Test func `other inline policies of the role take room and are left alone`() async throws {
        let broker = try await BrokerUnderTest(namesGrants: true)
        let denials = denials(broker)
        let long = "{\"a\": \"" + String(repeating: "x", count: 10_150) + "\"}"
        iam.set(long, named: "theirs", to: "Reader")
        _ = try await revoked(broker)
        await denials.reconcile()
        #expect(document == nil)
        #expect(try await outcomes(broker) == [.incomplete])
        iam.set("{}", named: "theirs", to: "Reader")
        broker.clock.advance(by: 10)
        await denials.reconcile()
        #expect(document != nil && iam.policies["Reader"]?["theirs"] == "{}")
        #expect(try await outcomes(broker) == [.incomplete, .denied])
    }

    @Test func `sessions whose name the user's others have, too, are left alone`() async throws {
        let broker = try await BrokerUnderTest(namesGrants: false)
        #expect(try await revoked(broker) == "developer")
        await denials(broker).reconcile()
        #expect(iam.calls == 0)
    }
}
