import Credentials
import FoundationEssentials
import Testing

@testable import CredentialCache

@Suite struct CacheEntryTests {
    private let start = Date(timeIntervalSince1970: 1_800_000_000)
    private let schedule = RefreshSchedule()

    /// Asked for at `start`, and good for an hour since then.
    private func entry() throws -> CacheEntry {
        var entry = CacheEntry(now: start)
        let credentials = try SessionCredentials.sample("one", issuedAt: start)
        entry.succeed(.init(credentials, arrived: start, prepared: SampleForm("one")), schedule: schedule, random: 0)
        return entry
    }

    @Test func `what is queued is due at once, and what runs is not due again`() {
        var entry = CacheEntry(now: start)
        let changed = entry.ask(now: start, idleAfter: 600)
        #expect(changed)
        #expect(entry.dueDate(idleAfter: 600) == .distantPast)
        let started = entry.start(now: start, idleAfter: 600)
        #expect(started)
        #expect(entry.dueDate(idleAfter: 600) == nil)
        let startedAgain = entry.start(now: start, idleAfter: 600)
        #expect(!startedAgain)
    }

    @Test func `a refresh that runs is not due, however late its time has come`() throws {
        var entry = try entry()
        let due = try #require(entry.dueDate(idleAfter: 86_400))
        #expect(due == start.addingTimeInterval(2400))
        let started = entry.start(now: due, idleAfter: 86_400)
        #expect(started)
        #expect(entry.dueDate(idleAfter: 86_400) == nil)
    }

    @Test func `an idle role is never due by itself, and due again once somebody asks`() throws {
        var entry = try entry()
        #expect(entry.dueDate(idleAfter: 600) == nil)
        let started = entry.start(now: start.addingTimeInterval(3000), idleAfter: 600)
        #expect(!started)
        let changed = entry.ask(now: start.addingTimeInterval(2399), idleAfter: 600)
        #expect(changed)
        #expect(entry.dueDate(idleAfter: 600) == start.addingTimeInterval(2400))
        let changedAgain = entry.ask(now: start.addingTimeInterval(2399), idleAfter: 600)
        #expect(!changedAgain)
    }
}
