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
        await withTaskGroup(of: Void.self) { group in
            let watch = RevocationWatch(
                issued: issued, signIns: signIns, cache: cache,
                states: { ids, _ throws(BrokerClientError) in
                    asked.withLock { $0.append(ids) }
                    return try answer()
                }, clock: clock, logger: Sample.quiet, now: { time.now })
            group.addTask { await watch.run() }
            for _ in 0..<rounds {
                await clock.sleepers(1)
                clock.advance(by: .seconds(30))
            }
            await clock.sleepers(1)
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

    @Test("Newer credentials of the same key are not forgotten with the older")
    func newer() {
        let end = time.now.addingTimeInterval(3600)
        issued.note("r1", for: key, until: end)
        issued.note("r2", for: key, until: end)
        issued.forget("r1", of: key)
        #expect(issued.living(at: time.now)[Sample.ana]?[key]?.requestID == "r2")
    }
}
