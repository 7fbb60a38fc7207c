import Credentials
import FoundationEssentials
import Logging
import Synchronization
import TestSupport
import Testing

@testable import AWSAPI

@Suite struct OwnKeysTests {
    /// A source whose answers a test sets, and which can be held up.
    private final class Source: AWSKeySource {
        let name = "test"
        private struct State {
            var next: Result<OwnKey, AWSError> = .failure(.keysUnavailable("down"))
            var calls = 0
            var held: [CheckedContinuation<Void, Never>]?
        }
        private let state = Mutex(State())

        var calls: Int { state.withLock(\.calls) }

        func set(_ next: Result<OwnKey, AWSError>) { state.withLock { $0.next = next } }

        func hold() { state.withLock { $0.held = [] } }

        func release() {
            let held = state.withLock { state in
                defer { state.held = nil }
                return state.held ?? []
            }
            for continuation in held { continuation.resume() }
        }

        /// Returns once somebody is held up. Throws after a minute.
        func isAsked() async throws {
            try await awaited("somebody is held up") { state.withLock { $0.held?.isEmpty == false } }
        }

        func key() async throws(AWSError) -> OwnKey? {
            let isHeld = state.withLock { state in
                state.calls += 1
                return state.held != nil
            }
            if isHeld {
                await withCheckedContinuation { continuation in
                    let isReleased = state.withLock { state in
                        state.held?.append(continuation)
                        return state.held == nil
                    }
                    if isReleased { continuation.resume() }
                }
            }
            return try state.withLock(\.next).get()
        }
    }

    private let source = Source()
    private let time = ManualTime()

    private func keys(isRole: Bool? = nil) -> OwnKeys {
        let arn = isRole == true ? "arn:aws:sts::111122223333:assumed-role/b/i" : "arn:aws:iam::111122223333:user/b"
        return OwnKeys(
            source: source,
            identity: { _ throws(AWSError) in
                guard isRole != nil else { throw .unavailable("down") }
                return STSCallerIdentity(account: "111122223333", arn: arn, userID: "x")
            }, logger: Logger(label: "test"), now: { [time] in time.now }, jitter: { 0.5 })
    }

    private func key(_ id: String, endsAfter seconds: TimeInterval? = 3600, belongsToRole: Bool? = true) -> OwnKey {
        OwnKey(
            AWSAccessKey(accessKeyID: id, secretAccessKey: Secret("s"), sessionToken: Secret("t")),
            expiration: seconds.map(time.now.addingTimeInterval), belongsToRole: belongsToRole)
    }

    @Test func `a hundred who want the key at once make one attempt`() async throws {
        let keys = keys()
        source.set(.success(key("ASIA1")))
        source.hold()
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<100 { group.addTask { try await keys.current().accessKeyID } }
            try await source.isAsked()
            source.release()
            for try await id in group { #expect(id == "ASIA1") }
        }
        #expect(source.calls == 1)
    }

    @Test func `who goes away cancels nothing for the others`() async throws {
        let keys = keys()
        source.set(.success(key("ASIA1")))
        source.hold()
        let leaving = Task { try? await keys.current() }
        try await source.isAsked()
        leaving.cancel()
        source.release()
        _ = await leaving.value
        #expect(try await keys.current().accessKeyID == "ASIA1")
        #expect(source.calls == 1)
    }

    @Test func `a failure is told at once for a second, and then the source is asked again`() async throws {
        let keys = keys()
        for _ in 0..<5 {
            await #expect(throws: AWSError.keysUnavailable("down")) { _ = try await keys.current() }
        }
        #expect(source.calls == 1)
        source.set(.success(key("ASIA1")))
        time.clock.advance(by: .seconds(1))
        #expect(try await keys.current().accessKeyID == "ASIA1")
    }

    @Test func `the last good key serves while the source is down, and never once it has expired`() async throws {
        let keys = keys()
        source.set(.success(key("ASIA1")))
        _ = try await keys.current()
        source.set(.failure(.keysUnavailable("down")))
        time.clock.advance(by: .seconds(2700))
        await keys.refreshIfDue()
        #expect(source.calls == 2)
        #expect(try await keys.current().accessKeyID == "ASIA1")
        time.clock.advance(by: .seconds(891))
        await #expect(throws: AWSError.keysUnavailable("down")) { _ = try await keys.current() }
    }

    @Test func `a new key is taken ahead of the old one's end, and its kind counts from then on`() async throws {
        let keys = keys(isRole: false)
        source.set(.success(key("ASIA1", belongsToRole: true)))
        #expect(await keys.belongsToRole())
        source.set(.success(key("ASIA2", endsAfter: 7200, belongsToRole: nil)))
        time.clock.advance(by: .seconds(2700))
        await keys.refreshIfDue()
        #expect(try await keys.current().accessKeyID == "ASIA2")
        #expect(await keys.belongsToRole() == false)
    }

    @Test func `what STS doesn't say counts as a role`() async throws {
        let keys = keys(isRole: nil)
        #expect(await keys.belongsToRole(), "there is no key at all")
        time.clock.advance(by: .seconds(5))
        source.set(.success(key("ASIA1", belongsToRole: nil)))
        #expect(await keys.belongsToRole())
    }

    @Test func `a key that AWS has refused is replaced if there is another`() async throws {
        let keys = keys()
        source.set(.success(key("ASIA1")))
        let old = try await keys.current()
        #expect(await keys.replace(old) == false)
        source.set(.success(key("ASIA2")))
        #expect(await keys.replace(old))
        #expect(try await keys.current().accessKeyID == "ASIA2")
        let calls = source.calls
        #expect(await keys.replace(old), "somebody else has replaced it")
        #expect(source.calls == calls)
    }
}
