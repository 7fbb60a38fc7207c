import Credentials
import FoundationEssentials
import Logging
import Synchronization
import TestSupport
import Testing

@testable import CredentialCache

/// A cache, its refresher and a fake issuer, on a clock that the test moves.
private struct Bench {
    let time = ManualTime()
    let issuer = FakeIssuer()
    let cache: CredentialCache
    let key = CredentialKey(principal: .localUser(1), role: "developer")
    let attempts = Attempts()

    /// The codes of attempts that have ended, and how long they took.
    final class Attempts: Sendable {
        private let ended = Mutex<[String]>([])

        func add(_ duration: Duration, _ failure: CredentialFailure?) {
            ended.withLock { $0.append("\(failure?.code ?? "ok") \(duration)") }
        }

        var all: [String] { ended.withLock { $0 } }
    }

    init(idleAfter: TimeInterval = 86_400) {
        cache = CredentialCache(
            idleAfter: idleAfter, random: { 0 }, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            prepare: { credentials, _ in SampleForm(credentials.accessKeyID) })
    }

    func run(_ body: (Bench) async throws -> Void) async rethrows {
        let refresher = CredentialRefresher(
            cache: cache, issuer: issuer, clock: time.clock, now: { time.now },
            onAttempt: { [attempts] in attempts.add($0, $1) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await refresher.run() }
            defer {
                group.cancelAll()
                issuer.close()
            }
            try await body(self)
        }
    }

    /// What a request would see.
    var seen: String {
        switch cache.lookup(key, now: time.now) {
        case .usable(let form): (form as? SampleForm)?.text ?? "another form"
        case .fetching: "fetching"
        case .unavailable(let failure, _): failure.code
        }
    }

    /// Has the issuer answer the oldest call, and waits until its attempt has ended.
    func answer(_ answer: FakeIssuer.Answer) async throws {
        let hasEnded = Atomic(false)
        cache.awaitNextAttempt(key) { hasEnded.store(true, ordering: .releasing) }
        issuer.answer(answer)
        try await awaited("the attempt ends") { hasEnded.load(ordering: .acquiring) }
    }

    func answerSample(_ id: String, lifetime: TimeInterval = 3600) async throws {
        try await answer(.success(try .sample(id, issuedAt: time.now, lifetime: lifetime)))
    }

    func advance(_ seconds: Int) async throws {
        try await time.clock.sleepers(1)
        time.clock.advance(by: .seconds(seconds))
    }
}

@Suite(.timeLimit(.minutes(1))) struct CredentialCacheTests {
    @Test func `the first request fetches, the next is served from memory`() async throws {
        try await Bench().run { bench in
            #expect(bench.seen == "fetching")
            try await bench.issuer.called(1)
            try await bench.answerSample("one")
            #expect(bench.seen == "one")
            #expect(bench.issuer.calls == [bench.key])
        }
    }

    @Test func `each attempt is told with its length and its failure, and what came of no use is one`() async throws {
        let bench = Bench()
        try await bench.run { bench in
            #expect(bench.seen == "fetching")
            try await bench.issuer.called(1)
            bench.time.clock.advance(by: .seconds(2))
            try await bench.answerSample("one", lifetime: 1)
            try await bench.advance(1)
            try await bench.issuer.called(2)
            try await bench.answerSample("two")
            #expect(bench.cache.reports(now: bench.time.now)[bench.key]?.state == .fresh)
        }
        #expect(bench.attempts.all == ["BrokerUnreachable 2.0 seconds", "ok 0.0 seconds"])
    }

    @Test func `a thousand requests make one call`() async throws {
        try await Bench().run { bench in
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<1000 { group.addTask { #expect(bench.seen == "fetching") } }
            }
            try await bench.issuer.called(1)
            try await bench.answerSample("one")
            #expect(bench.issuer.calls.count == 1)
        }
    }

    @Test func `two principals of one role have their own credentials`() async throws {
        try await Bench().run { bench in
            let other = CredentialKey(principal: .localUser(2), role: bench.key.role)
            #expect(bench.seen == "fetching")
            try await bench.issuer.called(1)
            try await bench.answerSample("one")
            guard case .fetching = bench.cache.lookup(other, now: bench.time.now) else {
                Issue.record("the other principal was served")
                return
            }
            try await bench.issuer.called(2)
            #expect(bench.issuer.calls == [bench.key, other])
        }
    }

    @Test func `what is due is refreshed in the background and served meanwhile`() async throws {
        try await Bench().run { bench in
            #expect(bench.seen == "fetching")
            try await bench.issuer.called(1)
            try await bench.answerSample("one")
            try await bench.advance(2401)
            try await bench.issuer.called(2)
            #expect(bench.seen == "one")
            try await bench.answerSample("two")
            #expect(bench.seen == "two")
        }
    }

    @Test func `a failed refresh keeps the last good ones until they have under 15 seconds`() async throws {
        try await Bench().run { bench in
            #expect(bench.seen == "fetching")
            try await bench.issuer.called(1)
            try await bench.answerSample("one", lifetime: 60)
            try await bench.advance(41)
            try await bench.issuer.called(2)
            try await bench.answer(.failure(IssueFailure(.brokerUnreachable("down"), retryAfter: .seconds(30))))
            #expect(bench.seen == "one")
            try await bench.time.clock.sleepers(1)
            bench.time.jumpWallClock(by: 4)
            #expect(bench.seen == "one")
            bench.time.jumpWallClock(by: 0.01)
            #expect(bench.seen == "BrokerUnreachable")
        }
    }

    @Test func `a wall clock that is set back, or was behind from the start, makes nothing live longer`() async throws {
        try await Bench().run { bench in
            #expect(bench.seen == "fetching")
            try await bench.issuer.called(1)
            let brokersTime = bench.time.now.addingTimeInterval(3600)
            try await bench.answer(.success(try .sample("behind", issuedAt: brokersTime, lifetime: 600)))
            #expect(bench.seen == "behind")
            bench.time.jumpWallClock(by: 586)
            #expect(bench.seen == "fetching")
            try await bench.issuer.called(2)
            try await bench.answerSample("one", lifetime: 600)
            #expect(bench.seen == "one")
            bench.time.jumpWallClock(by: -3600)
            try await bench.advance(401)
            try await bench.issuer.called(3)
            try await bench.answer(.failure(IssueFailure(.brokerUnreachable("down"), retryAfter: .seconds(3600))))
            #expect(bench.seen == "one")
            bench.time.jumpWallClock(by: 186)
            #expect(bench.seen == "BrokerUnreachable")
        }
    }

    @Test func `after a failure it tries again by itself and recovers`() async throws {
        try await Bench().run { bench in
            #expect(bench.seen == "fetching")
            try await bench.issuer.called(1)
            try await bench.answer(.failure(IssueFailure(.brokerUnreachable("down"), retryAfter: .seconds(7))))
            #expect(bench.seen == "BrokerUnreachable")
            #expect(bench.issuer.calls.count == 1)
            try await bench.advance(8)
            try await bench.issuer.called(2)
            try await bench.answerSample("one")
            #expect(bench.seen == "one")
        }
    }

    private func key(_ number: Int) -> CredentialKey {
        CredentialKey(principal: .localUser(1), role: "role-\(number)")
    }

    @Test func `of many roles that are asked for at once, eight are fetched at a time`() async throws {
        try await Bench().run { bench in
            for number in 0..<20 { _ = bench.cache.lookup(key(number), now: bench.time.now) }
            try await bench.issuer.called(8)
            for number in 0..<3 {
                #expect(bench.issuer.calls.count == 8 + number)
                bench.issuer.answer(.success(try .sample("\(number)", issuedAt: bench.time.now, lifetime: 3600)))
                try await bench.issuer.called(9 + number)
            }
            #expect(Set(bench.issuer.calls).count == 11)
        }
    }

    @Test func `when nobody is reached, callers are told at once, one attempt at a time looks, and success ends it`()
        async throws
    {
        let outage = IssueFailure(.brokerUnreachable("refused"), isOutage: true)
        try await Bench().run { bench in
            for number in 0..<5 { _ = bench.cache.lookup(key(number), now: bench.time.now) }
            try await bench.issuer.called(5)
            for _ in 0..<5 { bench.issuer.answer(.failure(outage)) }
            try await awaited("an attempt for later") { bench.cache.nextDueDate().map { $0 > bench.time.now } ?? false }
            #expect(bench.seen == "BrokerUnreachable")
            #expect(bench.issuer.calls.count == 5)
            try await bench.advance(1)
            try await bench.issuer.called(6)
            #expect(bench.issuer.calls.count == 6)
            bench.issuer.answer(.success(try .sample("one", issuedAt: bench.time.now, lifetime: 3600)))
            try await bench.issuer.called(11)
            #expect(Set(bench.issuer.calls[5...]).count == 6)
        }
    }

    @Test func `a refusal drops what is held at once, and is not final`() async throws {
        try await Bench().run { bench in
            #expect(bench.seen == "fetching")
            try await bench.issuer.called(1)
            try await bench.answerSample("one")
            try await bench.advance(2401)
            try await bench.issuer.called(2)
            try await bench.answer(.failure(IssueFailure(.accessDenied("revoked"))))
            #expect(bench.seen == "AccessDenied")
            #expect(bench.issuer.calls.count == 2)
            bench.time.jumpWallClock(by: 31)
            #expect(bench.seen == "fetching")
            try await bench.issuer.called(3)
            try await bench.answerSample("three")
        }
    }

    @Test func `a request that the broker can't meet keeps what is held, and is tried again by itself`() async throws {
        try await Bench().run { bench in
            #expect(bench.seen == "fetching")
            try await bench.issuer.called(1)
            try await bench.answerSample("one")
            try await bench.advance(2401)
            try await bench.issuer.called(2)
            try await bench.answer(.failure(IssueFailure(.requestRefused("the policy is unusable"))))
            #expect(bench.seen == "one")
            try await bench.advance(61)
            try await bench.issuer.called(3)
            try await bench.answerSample("two")
            #expect(bench.seen == "two")
        }
    }

    @Test func `credentials that arrive expired or empty are never served`() async throws {
        try await Bench().run { bench in
            #expect(bench.seen == "fetching")
            try await bench.issuer.called(1)
            try await bench.answerSample("dead", lifetime: 14)
            #expect(bench.seen == "BrokerUnreachable")
            try await bench.advance(1)
            try await bench.issuer.called(2)
            try await bench.answerSample("")
            #expect(bench.seen == "BrokerUnreachable")
        }
    }

    @Test func `a role nobody asks for stops being refreshed, and the next request starts it again`() async throws {
        try await Bench(idleAfter: 600).run { bench in
            #expect(bench.seen == "fetching")
            try await bench.issuer.called(1)
            try await bench.answerSample("one")
            try await bench.advance(2401)
            try await bench.time.clock.sleepers(1)
            #expect(bench.issuer.calls.count == 1)
            #expect(bench.seen == "one")
            try await bench.issuer.called(2)
            try await bench.answerSample("two")
            #expect(bench.seen == "two")
        }
    }

    @Test func `a wall clock set forward expires at once, and the schedule is made anew`() async throws {
        try await Bench().run { bench in
            #expect(bench.seen == "fetching")
            try await bench.issuer.called(1)
            try await bench.answerSample("one")
            bench.time.jumpWallClock(by: 3000)
            try await bench.advance(31)
            try await bench.issuer.called(2)
            #expect(bench.seen == "one")
            try await bench.answerSample("two")
            bench.time.jumpWallClock(by: 31_536_000)
            #expect(bench.seen == "fetching")
        }
    }

    @Test func `signing out drops credentials, and what was in flight is thrown away`() async throws {
        try await Bench().run { bench in
            #expect(bench.seen == "fetching")
            try await bench.issuer.called(1)
            bench.cache.principalChanged(.localUser(1), dropping: true, now: bench.time.now)
            bench.issuer.answer(.success(try .sample("stale", issuedAt: bench.time.now)))
            #expect(bench.seen == "fetching")
            try await bench.issuer.called(2)
            try await bench.answer(.failure(IssueFailure(.signInRequired)))
            #expect(bench.seen == "SignInRequired")
        }
    }

    @Test func `what waits for approval is looked for every half minute, and served as soon as it is granted`()
        async throws
    {
        try await Bench().run { bench in
            #expect(bench.seen == "fetching")
            try await bench.issuer.called(1)
            for round in 1...3 {
                try await bench.answer(.failure(IssueFailure(.approvalPending("Wait."))))
                #expect(bench.seen == "ApprovalPending")
                try await bench.advance(25)
                try await bench.issuer.called(round + 1)
            }
            try await bench.answerSample("granted")
            #expect(bench.seen == "granted")
        }
    }

    @Test func `a report tells the state without asking for the role`() async throws {
        try await Bench().run { bench in
            func state() -> CredentialReport.State { bench.cache.report(on: bench.key, now: bench.time.now).state }
            #expect(state() == .idle)
            #expect(bench.issuer.calls.isEmpty)
            #expect(bench.seen == "fetching")
            #expect(state() == .fetching)
            try await bench.issuer.called(1)
            try await bench.answerSample("one")
            #expect(state() == .fresh)
        }
    }
}
