import BrokerAPI
import CredentialCache
import Credentials
import Foundation
import OIDC
import Synchronization
import TestSupport
import Testing

@testable import Daemon

@Suite("Policy lists")
struct PolicyListsTests {
    /// What it says to whoever asks for policies, and how often that was.
    private final class ListingBroker: Sendable {
        private let state = Mutex<(answer: Result<[String], BrokerClientError>, calls: Int)>((.success(["admin"]), 0))

        var calls: Int { state.withLock { $0.calls } }

        func say(_ answer: Result<[String], BrokerClientError>) { state.withLock { $0.answer = answer } }

        func answer() throws(BrokerClientError) -> [String] {
            try state.withLock { state in
                state.calls += 1
                return state.answer
            }.get()
        }
    }

    private let time = ManualTime()
    private let clock = TestClock()
    private let cache = Sample.cache()
    private let broker = ListingBroker()
    private let signIns: SignInStore
    private let current: CurrentSettings
    private let lists: PolicyLists
    private let key = CredentialKey(principal: Sample.ana, role: "admin")

    init() throws {
        let (time, broker) = (time, broker)
        signIns = SignInStore(provider: FakeProvider(), now: { time.now }, logger: Sample.quiet)
        let callers = "- {user: ana, roles: [\"*\"]}\n  - {user: ben, roles: [readonly]}"
        current = CurrentSettings(try Sample.settings(Sample.configuration(callers: callers)))
        lists = PolicyLists(
            current: current, signIns: signIns, cache: cache,
            list: { _ throws(BrokerClientError) in try broker.answer() }, clock: clock, logger: Sample.quiet,
            now: { time.now })
    }

    private func signIn(_ principal: Principal = Sample.ana) async throws {
        let token = Sample.idToken(expiring: time.now.addingTimeInterval(86_400))
        try await signIns.signIn(principal, idToken: token, refreshToken: nil)
    }

    private var listed: [String] { current.value.listedPolicies[Sample.ana] ?? [] }

    @Test func `only those are asked about who are signed in and may have everything`() async throws {
        try await signIn(Sample.ben)
        await lists.refreshAll()
        try await lists.refresh(Sample.ben)
        #expect(broker.calls == 0)
        await #expect(throws: IssueFailure.self) { try await lists.refresh(Sample.ana) }
        #expect(broker.calls == 0)
        try await signIn()
        await lists.refreshAll()
        #expect(broker.calls == 1 && listed == ["admin"])
    }

    @Test func `an answer is good for five minutes, a failure for one look`() async throws {
        try await signIn()
        broker.say(.failure(.unreachable("no route", retryAfter: nil)))
        await lists.refreshAll()
        await lists.refreshAll()
        #expect(broker.calls == 2 && listed.isEmpty)
        broker.say(.success(["admin"]))
        for _ in 0..<3 { await lists.refreshAll() }
        #expect(broker.calls == 3)
        time.jumpWallClock(by: PolicyLists.lifetime)
        await lists.refreshAll()
        #expect(broker.calls == 3, "nobody uses anything of it")
        _ = cache.lookup(key, now: time.now)
        await lists.refreshAll()
        #expect(broker.calls == 4)
        time.jumpWallClock(by: -3600)
        await lists.refreshAll()
        #expect(broker.calls == 5)
    }

    @Test func `while the broker can't be asked, what it said last holds`() async throws {
        try await signIn()
        try await lists.refresh(Sample.ana)
        time.jumpWallClock(by: 2)
        broker.say(.failure(.unreachable("no route", retryAfter: nil)))
        let failure = await #expect(throws: IssueFailure.self) { try await lists.refresh(Sample.ana) }
        #expect(failure?.failure.code == "BrokerUnreachable" && listed == ["admin"])
    }

    @Test func `what is listed no longer is dropped, and nothing else`() async throws {
        try await signIn()
        try await lists.refresh(Sample.ana)
        let role = CredentialKey(principal: Sample.ana, role: "developer")
        for key in [key, role] {
            let credentials = try Sample.credentials(issuedAt: time.now)
            #expect(cache.restore(key, credentials, arrived: time.now, now: time.now))
        }
        broker.say(.success(["zoo"]))
        try await lists.refresh(Sample.ana)
        #expect(listed == ["admin"])
        time.jumpWallClock(by: 2)
        try await lists.refresh(Sample.ana)
        #expect(cache.report(on: key, now: time.now).expiration == nil)
        #expect(cache.report(on: role, now: time.now).expiration != nil)
        #expect(!current.value.offers(key) && listed == ["zoo"])
    }

    @Test func `whoever signs in next has nothing of what was listed before`() async throws {
        try await signIn()
        try await lists.refresh(Sample.ana)
        broker.say(.failure(.signInRequired("no")))
        await lists.signedIn(Sample.ana, isSamePerson: true)
        #expect(broker.calls == 2 && listed == ["admin"])
        await lists.signedIn(Sample.ana, isSamePerson: false)
        #expect(broker.calls == 3 && listed.isEmpty)
        broker.say(.success(["zoo"]))
        await lists.signedIn(Sample.ana, isSamePerson: false)
        #expect(listed == ["zoo"])
        lists.signedOut(Sample.ana)
        #expect(listed.isEmpty)
    }

    @Test func `an answer that comes after a sign-out is nobody's`() async throws {
        let (time, signIns, current, cache) = (time, signIns, current, cache)
        let held = Mutex<PolicyLists?>(nil)
        let lists = PolicyLists(
            current: current, signIns: signIns, cache: cache,
            list: { _ throws(BrokerClientError) in
                held.withLock { $0 }?.signedOut(Sample.ana)
                return ["admin"]
            }, clock: clock, logger: Sample.quiet, now: { time.now })
        held.withLock { $0 = lists }
        try await signIn()
        try await lists.refresh(Sample.ana)
        #expect(listed.isEmpty)
        held.withLock { $0 = nil }
        await lists.refreshAll()
        #expect(listed == ["admin"])
    }

    @Test func `somebody who signs out and in in a loop fills no log, and others' lines are written`() async throws {
        let (time, broker, lines) = (time, broker, LogLines())
        let callers = "- {user: ana, roles: [\"*\"]}\n  - {user: ben, roles: [\"*\"]}"
        let lists = PolicyLists(
            current: CurrentSettings(try Sample.settings(Sample.configuration(callers: callers))), signIns: signIns,
            cache: cache, list: { _ throws(BrokerClientError) in try broker.answer() }, clock: clock,
            logger: lines.logger, now: { time.now })
        func written(_ event: String, of principal: Principal) -> Int {
            lines.lines.count { $0.hasPrefix("\(event) ") && $0.contains("principal=\(principal)") }
        }
        try await signIn()
        for _ in 0..<300 {
            await lists.signedIn(Sample.ana, isSamePerson: false)
            broker.say(.failure(.unreachable("no route", retryAfter: nil)))
            await lists.signedIn(Sample.ana, isSamePerson: true)
            broker.say(.success(["admin"]))
        }
        #expect(broker.calls == 600)
        let (listed, failed) = (
            written("info policies listed", of: Sample.ana), written("warning policies not listed", of: Sample.ana)
        )
        #expect(listed >= 10 && failed >= 10 && listed < 300 && failed < 300, "\(listed), \(failed)")
        try await signIn(Sample.ben)
        await lists.signedIn(Sample.ben, isSamePerson: false)
        #expect(written("info policies listed", of: Sample.ben) == 1)
    }

    @Test func `for somebody whose credentials are locked nothing is asked`() async throws {
        try await signIn()
        await signIns.setLocked(true, Sample.ana)
        let failure = await #expect(throws: IssueFailure.self) { try await lists.refresh(Sample.ana) }
        #expect(failure?.failure == .locked && broker.calls == 0)
    }

    @Test func `the watch looks every half minute`() async throws {
        try await signIn()
        broker.say(.failure(.unreachable("no route", retryAfter: nil)))
        try await withThrowingTaskGroup(of: Void.self) { group in
            let watch = PolicyListWatch(lists: lists, clock: clock)
            group.addTask { await watch.run() }
            for _ in 0..<3 {
                try await clock.sleepers(1)
                clock.advance(by: .seconds(30))
            }
            try await clock.sleepers(1)
            group.cancelAll()
        }
        #expect(broker.calls == 3)
    }

    @Test func `one user's list that doesn't come holds up nobody else's, nor the next look`() async throws {
        let (time, clock) = (time, clock)
        let calls = Mutex(0)
        let callers = "- {user: ana, roles: [\"*\"]}\n  - {user: ben, roles: [\"*\"]}"
        let current = CurrentSettings(try Sample.settings(Sample.configuration(callers: callers)))
        let lists = PolicyLists(
            current: current, signIns: signIns, cache: cache,
            list: { _ throws(BrokerClientError) in
                let isFirst = calls.withLock { calls in
                    calls += 1
                    return calls == 1
                }
                guard isFirst else { return ["admin"] }
                try? await clock.sleep(for: .seconds(10))
                throw .unreachable("timed out", retryAfter: nil)
            }, clock: clock, logger: Sample.quiet, now: { time.now })
        for user in [Sample.ana, Sample.ben] { try await signIn(user) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            let watch = PolicyListWatch(lists: lists, clock: clock)
            group.addTask { await watch.run() }
            try await clock.sleepers(1)
            clock.advance(by: .seconds(30))
            try await awaited("the other user's list") { current.value.listedPolicies.count == 1 }
            try await clock.sleepers(1)
            clock.advance(by: .seconds(10))
            try await clock.sleepers(1)
            clock.advance(by: .seconds(20))
            try await awaited("the next look, half a minute after the one before") {
                current.value.listedPolicies.count == 2
            }
            group.cancelAll()
        }
        #expect(calls.withLock { $0 } == 3)
    }

    @Test func `a broker that hangs holds nobody up for longer than three seconds`() async throws {
        let (time, clock) = (time, clock)
        let lists = PolicyLists(
            current: current, signIns: signIns, cache: cache,
            list: { _ throws(BrokerClientError) in
                try? await clock.sleep(for: .seconds(3600))
                throw .unreachable("cancelled", retryAfter: nil)
            }, clock: clock, logger: Sample.quiet, now: { time.now })
        try await signIn()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await lists.prepare() }
            try await clock.sleepers(2)
            clock.advance(by: .seconds(3))
        }
        #expect(listed.isEmpty)
        clock.advance(by: .seconds(3600))
    }

    @Test func `with a list from before the start nobody waits`() async throws {
        try await signIn()
        #expect(
            current.takesUp(
                OfferedRole(name: "kept", policy: "kept", durationSeconds: nil),
                for: .init(principal: Sample.ana, role: "kept")))
        await lists.prepare()
        #expect(broker.calls == 0)
        await lists.refreshAll()
        #expect(listed == ["admin"])
    }

    @Test func `of two questions at once, the later one's answer counts`() async throws {
        let (time, signIns, current, cache) = (time, signIns, current, cache)
        let inner = Mutex<PolicyLists?>(nil)
        let isFirst = Atomic(true)
        let lists = PolicyLists(
            current: current, signIns: signIns, cache: cache,
            list: { _ throws(BrokerClientError) in
                guard isFirst.exchange(false, ordering: .relaxed) else { return ["new"] }
                let lists = inner.withLock { $0 }
                do { try await lists?.refresh(Sample.ana) } catch { throw .unreachable("\(error)", retryAfter: nil) }
                return ["old"]
            }, clock: clock, logger: Sample.quiet, now: { time.now })
        inner.withLock { $0 = lists }
        try await signIn()
        try await lists.refresh(Sample.ana)
        #expect(listed == ["new"])
        inner.withLock { $0 = nil }
    }
}
