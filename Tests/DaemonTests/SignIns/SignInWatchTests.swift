import Credentials
import FoundationEssentials
import OIDC
import Synchronization
import TestSupport
import Testing

@testable import Daemon

@Suite(.timeLimit(.minutes(1))) struct SignInWatchTests {
    @Test func `a refresh token's end is told a quarter of an hour before, and again after it moved`() async throws {
        let (time, provider) = (ManualTime(), FakeProvider())
        let told = Mutex<[String]>([])
        let store = SignInStore(provider: provider, now: { time.now }, logger: Sample.quiet)
        try await store.signIn(
            Sample.ana, idToken: Sample.idToken(expiring: time.now + 300), refreshToken: Secret("r"),
            refreshLifetime: 1800)
        let watch = SignInWatch(
            principal: Sample.ana, signIns: store, clock: time.clock, now: { time.now },
            notify: { text in told.withLock { $0.append(text) } })
        let running = Task { await watch.run() }
        func watched(minutes: Int) async throws -> Int {
            for _ in 0..<minutes {
                try await time.clock.sleepers(1)
                time.clock.advance(by: .seconds(60))
            }
            try await time.clock.sleepers(1)
            return told.withLock { $0.count }
        }
        #expect(try await watched(minutes: 15) == 0)
        #expect(try await watched(minutes: 1) == 1)
        #expect(try await watched(minutes: 5) == 1)
        let tokens = TokenSet(
            idToken: Sample.idToken(expiring: time.now + 300), refreshToken: nil, expiresIn: nil,
            refreshLifetime: .limited(.seconds(1800)))
        provider.answer(.success(tokens))
        _ = try await store.idToken(for: Sample.ana)
        #expect(try await watched(minutes: 15) == 1)
        #expect(try await watched(minutes: 1) == 2)
        #expect(told.withLock { $0.allSatisfy { $0 == "Your sign-in ends soon. Run: stsbroker login" } })
        running.cancel()
        await running.value
    }
}
