import AccessControl
import BrokerStore
import Foundation
import Testing

@testable import Broker

@Suite struct AuditSealTests {
    private let key = AuditSigningKey()

    private func seal(_ broker: BrokerUnderTest, _ key: AuditSigningKey? = nil) -> AuditSeal {
        AuditSeal(
            trail: broker.records.base, key: key ?? self.key, schedule: CheckpointSchedule(records: 10, interval: 60),
            logger: broker.logger, now: { broker.clock.now })
    }

    @Test(
        arguments: [
            (10, 0, nil, true), (10, 0, 0, true), (9, 59, 0, false), (9, 60, 0, true), (10, 59, 0, true),
            (0, 3600, 0, false), (1, -5, 0, true), (5, 0, 5, false), (14, 0, 5, false), (15, 0, 5, true),
        ] as [(Int64, Double, Int64?, Bool)])
    func `one is due after so many records, or so long if there are any`(
        head: Int64, seconds: Double, last: Int64?, isDue: Bool
    ) {
        let start = Date(timeIntervalSince1970: 1_800_000_000)
        let checkpoint = last.map { sequence in
            AuditCheckpoint(
                sequence: sequence, hash: "", milliseconds: 1_800_000_000_000, keyID: "", signature: "")
        }
        let schedule = CheckpointSchedule(records: 10, interval: 60)
        #expect(schedule.isDue(head: head, after: checkpoint, at: start.addingTimeInterval(seconds)) == isDue)
    }

    @Test func `checkpoints follow the trail, and the last one covers all of it`() async throws {
        let broker = try await BrokerUnderTest()
        let seal = seal(broker)
        await seal.seal()
        let first = try #require(try await broker.records.base.lastCheckpoint())
        #expect(first.isSigned(by: key.publicKey))
        _ = try await broker.ask("reader")
        await seal.seal()
        #expect(try await broker.records.base.lastCheckpoint() == first)
        broker.clock.advance(by: 60)
        await seal.seal()
        let second = try #require(try await broker.records.base.lastCheckpoint())
        #expect(second.sequence == first.sequence + 3)
        _ = try await broker.ask("reader")
        await seal.seal(always: true)
        await seal.seal(always: true)
        let all = try await broker.records.base.checkpoints(after: 0, through: .max, limit: 10)
        #expect(all.count == 3)
        #expect(try await broker.records.base.auditHead()?.sequence == all.last?.sequence)
    }

    @Test func `what was changed after the last checkpoint is not signed`() async throws {
        let broker = try await BrokerUnderTest()
        let seal = seal(broker)
        await seal.seal()
        _ = try await broker.ask("reader")
        let head = try #require(try await broker.records.base.auditHead()).sequence
        try broker.tamper(
            "DROP TRIGGER audit_is_never_updated; UPDATE audit SET details = '{}' WHERE sequence = \(head)")
        await seal.seal(always: true)
        #expect(try await broker.records.base.checkpoints(after: 0, through: .max, limit: 10).count == 1)
        #expect(broker.log.text.contains("audit trail broken, not signed"))
        #expect(try await seal.verify() == false)
        #expect(broker.log.text.contains("audit trail broken"))
    }

    @Test func `a start looks from the last checkpoint on, and at all of it on demand`() async throws {
        let broker = try await BrokerUnderTest()
        let seal = seal(broker)
        #expect(try await seal.verify())
        await seal.seal()
        try broker.tamper("DROP TRIGGER audit_is_never_updated; UPDATE audit SET details = '{}' WHERE sequence = 1")
        #expect(try await seal.verify())
        #expect(try await seal.verify(wholly: true) == false)
        #expect(broker.log.text.contains("audit trail broken"))
    }

    @Test func `a checkpoint that the key hasn't signed is told, and nothing is built on it`() async throws {
        let broker = try await BrokerUnderTest()
        await seal(broker).seal()
        let changed = seal(broker, AuditSigningKey())
        #expect(try await changed.verify())
        #expect(broker.log.text.contains("audit checkpoint is not signed by this key"))
        // With another key the whole is read.
        try broker.tamper("DROP TRIGGER audit_is_never_updated; UPDATE audit SET details = '{}' WHERE sequence = 1")
        #expect(try await changed.verify() == false)
    }

    @Test func `a forged checkpoint doesn't hold`() async throws {
        let broker = try await BrokerUnderTest()
        let head = try #require(try await broker.records.base.auditHead())
        try await broker.records.base.add(
            AuditCheckpoint(
                sequence: head.sequence, hash: head.hash, milliseconds: 1, keyID: key.publicKey.id, signature: "AAAA"))
        #expect(try await seal(broker).verify() == false)
    }
}
