import BrokerAPI
import CredentialCache
import Credentials
import Foundation
import Logging
import MetadataServer
import Synchronization
import TestSupport
import Testing

@testable import Daemon

@Suite("Revocation watch")
struct RevocationWatchTests {
    private let time = ManualTime()
    private let clock = TestClock()
    private let issued = IssuedGrants()
    private let cache = Sample.cache()
    private let signIns: SignInStore
    private let key = CredentialKey(principal: Sample.ana, role: "dev")

    init() {
        let time = time
        signIns = SignInStore(provider: FakeProvider(), now: { time.now }, logger: Sample.quiet)
    }

    /// Runs the watch while the broker answers so, through `rounds` of its pauses; returns what it asked for.
    private func watch(
        rounds: Int = 1, _ answer: @escaping @Sendable () throws(BrokerClientError) -> [String: String]
    ) async throws -> [[String]] {
        let asked = Mutex<[[String]]>([])
        let time = time
        try await withThrowingTaskGroup(of: Void.self) { group in
            let watch = RevocationWatch(
                issued: issued, signIns: signIns, cache: cache,
                states: { ids, _ throws(BrokerClientError) in
                    asked.withLock { $0.append(ids) }
                    return try answer()
                }, clock: clock, logger: Sample.quiet, now: { time.now })
            group.addTask { await watch.run() }
            for _ in 0..<rounds {
                try await clock.sleepers(1)
                clock.advance(by: .seconds(30))
            }
            try await clock.sleepers(1)
            group.cancelAll()
        }
        return asked.withLock { $0 }
    }

    private func signIn() async throws {
        let token = Sample.idToken(expiring: time.now.addingTimeInterval(7200))
        try await signIns.signIn(Sample.ana, idToken: token, refreshToken: nil)
    }

    @Test("What was revoked is forgotten and not asked about again")
    func revoked() async throws {
        try await signIn()
        issued.note("r1", for: key, until: time.now.addingTimeInterval(3600))
        let asked = try await watch(rounds: 3) { () throws(BrokerClientError) in ["r1": "revoked"] }
        #expect(asked == [["r1"]])
        #expect(issued.living(at: time.now).isEmpty)
    }

    @Test("What is active, over or unknown stays, and is asked about again")
    func active() async throws {
        try await signIn()
        issued.note("r1", for: key, until: time.now.addingTimeInterval(3600))
        let other = CredentialKey(principal: Sample.ana, role: "other")
        issued.note("r2", for: other, until: time.now.addingTimeInterval(3600))
        let asked = try await watch(rounds: 2) { () throws(BrokerClientError) in ["r1": "active"] }
        #expect(asked == [["r1", "r2"], ["r1", "r2"]])
        #expect(issued.living(at: time.now)[Sample.ana]?.count == 2)
    }

    @Test func `more requests than the broker takes at once are asked about in parts, to the last`() async throws {
        try await signIn()
        let ids = (100..<350).map { "r\($0)" }
        for id in ids {
            issued.note(
                id, for: CredentialKey(principal: Sample.ana, role: id), until: time.now.addingTimeInterval(3600))
        }
        let asked = try await watch { () throws(BrokerClientError) in ["r349": "revoked"] }
        #expect(asked.map(\.count) == [100, 100, 50] && asked.flatMap(\.self) == ids)
        #expect(issued.living(at: time.now)[Sample.ana]?.count == 249)
    }

    @Test("A broker that can't be asked revokes nothing; without a sign-in, or anything that lives, nobody is asked")
    func unreachable() async throws {
        issued.note("r1", for: key, until: time.now.addingTimeInterval(3600))
        #expect(try await watch { () throws(BrokerClientError) in [:] }.isEmpty)
        try await signIn()
        _ = try await watch { () throws(BrokerClientError) in throw .unreachable("gone", retryAfter: nil) }
        #expect(issued.living(at: time.now)[Sample.ana]?.count == 1)
        issued.note("r1", for: key, until: time.now)
        #expect(try await watch { () throws(BrokerClientError) in ["r1": "revoked"] }.isEmpty)
    }

    @Test func `what a newer request has brought while the broker was asked about the older stays`() async throws {
        try await signIn()
        let (issued, key, end) = (issued, key, time.now.addingTimeInterval(3600))
        issued.note("r1", for: key, until: end)
        let credentials = try Sample.credentials(issuedAt: time.now)
        #expect(cache.restore(key, credentials, arrived: time.now, now: time.now))
        _ = try await watch { () throws(BrokerClientError) in
            issued.note("r2", for: key, until: end)
            return ["r1": "revoked"]
        }
        #expect(cache.report(on: key, now: time.now).expiration != nil)
        #expect(issued.requestID(of: key) == "r2")
        _ = try await watch { () throws(BrokerClientError) in ["r2": "revoked"] }
        #expect(cache.report(on: key, now: time.now).expiration == nil)
        #expect(issued.requestID(of: key) == nil)
    }

    @Test func `one user's answer that hangs holds up nobody else's, nor the next look`() async throws {
        for (user, name) in [(Sample.ana, "ana"), (Sample.ben, "ben")] {
            let token = Sample.idToken("\(name)@example.com", expiring: time.now.addingTimeInterval(7200))
            try await signIns.signIn(user, idToken: token, refreshToken: nil)
            let key = CredentialKey(principal: user, role: "dev")
            issued.note("of \(name)", for: key, until: time.now.addingTimeInterval(3600))
        }
        let (time, clock, issued) = (time, clock, issued)
        let calls = Mutex(0)
        let watch = RevocationWatch(
            issued: issued, signIns: signIns, cache: cache,
            states: { ids, _ throws(BrokerClientError) in
                let isFirst = calls.withLock { calls in
                    calls += 1
                    return calls == 1
                }
                guard isFirst else { return Dictionary(uniqueKeysWithValues: ids.map { ($0, "revoked") }) }
                try? await clock.sleep(for: .seconds(10))
                throw .unreachable("timed out", retryAfter: nil)
            }, clock: clock, logger: Sample.quiet, now: { time.now })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await watch.run() }
            try await clock.sleepers(1)
            clock.advance(by: .seconds(30))
            try await awaited("the other user's answer") { issued.living(at: time.now).count == 1 }
            try await clock.sleepers(1)
            clock.advance(by: .seconds(10))
            try await clock.sleepers(1)
            clock.advance(by: .seconds(20))
            try await awaited("the next look, half a minute after the one before") {
                issued.living(at: time.now).isEmpty
            }
            group.cancelAll()
        }
        #expect(calls.withLock { $0 } == 3)
    }

    @Test("Newer credentials of the same key are not forgotten with the older")
    func newer() {
        let end = time.now.addingTimeInterval(3600)
        issued.note("r1", for: key, until: end)
        issued.note("r2", for: key, until: end)
        issued.forget("r1", of: key)
        #expect(issued.living(at: time.now)[Sample.ana]?[key]?.requestID == "r2")
    }
}
