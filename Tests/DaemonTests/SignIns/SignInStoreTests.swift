import CredentialCache
import Credentials
import FoundationEssentials
import OIDC
import TestSupport
import Testing

@testable import Daemon

@Suite("Sign-ins")
struct SignInStoreTests {
    private let time = ManualTime()
    private let provider = FakeProvider()
    private let store: SignInStore

    init() {
        let time = time
        store = SignInStore(provider: provider, now: { time.now }, logger: Sample.quiet)
    }

    private func token(_ name: String = "ana", lasting seconds: TimeInterval) -> Secret {
        Sample.idToken(name, expiring: time.now.addingTimeInterval(seconds))
    }

    /// A sign-in with so much left, and its token.
    private func signIn(
        _ principal: Principal = Sample.ana, name: String = "ana", lasting seconds: TimeInterval,
        refreshToken: String? = "refresh-1"
    ) async throws -> Secret {
        let token = token(name, lasting: seconds)
        try await store.signIn(principal, idToken: token, refreshToken: refreshToken.map { Secret($0) })
        return token
    }

    @Test("A token with two minutes left is given out as it is")
    func fresh() async throws {
        let token = try await signIn(lasting: 120)
        #expect(try await store.idToken(for: Sample.ana) == token)
        #expect(provider.refreshTokens.isEmpty)
    }

    @Test("A token with less left is refreshed first, and the rotated refresh token is used the next time")
    func refreshes() async throws {
        _ = try await signIn(lasting: 119)
        let second = token(lasting: 3600)
        provider.answer(second, refreshToken: "refresh-2")
        #expect(try await store.idToken(for: Sample.ana) == second)
        #expect(try await store.idToken(for: Sample.ana) == second)
        time.clock.advance(by: .seconds(3599))
        // Without a new refresh token the old one stays in use (RFC 6749 section 6).
        provider.answer(token(lasting: 3600))
        _ = try await store.idToken(for: Sample.ana)
        time.clock.advance(by: .seconds(3599))
        provider.answer(token(lasting: 3600))
        _ = try await store.idToken(for: Sample.ana)
        #expect(provider.refreshTokens == ["refresh-1", "refresh-2", "refresh-2"])
    }

    @Test func `who locks and unlocks in a loop doesn't fill the log, and leaves others their lines`() async {
        let (log, time, count) = (LogLines(), time, 1000)
        let store = SignInStore(provider: provider, now: { time.now }, logger: log.logger)
        for number in 0..<count { await store.setLocked(number % 2 == 0, Sample.ana) }
        #expect((20..<count).contains(log.lines.count))
        #expect(log.lines.first?.hasPrefix("info locked principal=") == true)
        await store.signOut(Sample.ben)
        #expect(log.lines.last == "info signed out principal=\(Sample.ben)")
    }

    @Test("A hundred who ask at the same time cause one refresh")
    func singleFlight() async throws {
        _ = try await signIn(lasting: 10)
        let second = token(lasting: 3600)
        let tokens = try await withThrowingTaskGroup(of: Secret.self) { [store, provider] group in
            for _ in 0..<100 { group.addTask { try await store.idToken(for: Sample.ana) } }
            try await provider.asked(1)
            for _ in 0..<200 { await Task.yield() }
            provider.answer(second)
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(tokens == Array(repeating: second, count: 100))
        #expect(provider.refreshTokens == ["refresh-1"])
    }

    @Test("Who stops waiting cancels nothing for the others")
    func cancelledCaller() async throws {
        _ = try await signIn(lasting: 10)
        let second = token(lasting: 3600)
        let impatient = Task { [store] in try await store.idToken(for: Sample.ana) }
        try await provider.asked(1)
        impatient.cancel()
        let patient = Task { [store] in try await store.idToken(for: Sample.ana) }
        provider.answer(second)
        #expect(try await patient.value == second)
        _ = await impatient.result
        #expect(provider.refreshTokens.count == 1)
    }

    @Test("A refused refresh signs out")
    func refused() async throws {
        _ = try await signIn(lasting: 100)
        provider.answer(.failure(.signInRequired))
        await #expect(throws: SignInError.signInRequired) { try await store.idToken(for: Sample.ana) }
        #expect(await store.current(Sample.ana) == nil)
        await #expect(throws: SignInError.signInRequired) { try await store.idToken(for: Sample.ana) }
        #expect(provider.refreshTokens.count == 1)
    }

    @Test(
        "Any other failure leaves the token in use while it lasts, and fails after; then the provider is asked again",
        arguments: [
            SignInError.unavailable("503"), .invalidAnswer("garbage"), .refused("invalid_client"), .denied("no"),
        ])
    func failure(error: SignInError) async throws {
        let first = try await signIn(lasting: 100)
        provider.answer(.failure(error))
        #expect(try await store.idToken(for: Sample.ana) == first)
        time.clock.advance(by: .seconds(100))
        provider.answer(.failure(error))
        await #expect(throws: error) { try await store.idToken(for: Sample.ana) }
        let second = token(lasting: 3600)
        provider.answer(second)
        #expect(try await store.idToken(for: Sample.ana) == second)
    }

    @Test("A refresh that gives no ID token is a failure like any other")
    func unusableToken() async throws {
        let first = try await signIn(lasting: 100)
        provider.answer(Secret("not a token"))
        #expect(try await store.idToken(for: Sample.ana) == first)
    }

    @Test("Without a refresh token, the ID token is given out to its end, and not after")
    func noRefreshToken() async throws {
        let token = try await signIn(lasting: 100, refreshToken: nil)
        #expect(try await store.idToken(for: Sample.ana) == token)
        time.clock.advance(by: .seconds(100))
        await #expect(throws: SignInError.signInRequired) { try await store.idToken(for: Sample.ana) }
        #expect(provider.refreshTokens.isEmpty)
    }

    @Test("An expired token is taken with a refresh token only, and what is no token never")
    func expiredSignIn() async throws {
        await #expect(throws: SignInError.signInRequired) { try await signIn(lasting: 0, refreshToken: nil) }
        await #expect(throws: SignInError.self) {
            try await store.signIn(Sample.ana, idToken: Secret("a.b.c"), refreshToken: Secret("r"))
        }
        #expect(await store.current(Sample.ana) == nil)
        _ = try await signIn(lasting: -5)
        #expect(await store.current(Sample.ana) != nil)
    }

    @Test(
        "A sign-out during a refresh is final, whatever the refresh brings",
        arguments: [
            Result<String, SignInError>.success("refresh-2"), .failure(.unavailable("cancelled")),
            .failure(.invalidAnswer("x")), .failure(.signInRequired),
        ])
    func signOutDuringRefresh(outcome: Result<String, SignInError>) async throws {
        // Still valid for a while: nobody may get this token either.
        _ = try await signIn(lasting: 100)
        let asking = Task { [store] in try await store.idToken(for: Sample.ana) }
        try await provider.asked(1)
        await store.signOut(Sample.ana)
        provider.answer(
            outcome.map { TokenSet(idToken: token(lasting: 3600), refreshToken: Secret($0), expiresIn: nil) })
        await #expect(throws: SignInError.signInRequired) { try await asking.value }
        #expect(await store.current(Sample.ana) == nil)
        await #expect(throws: SignInError.signInRequired) { try await store.idToken(for: Sample.ana) }
    }

    @Test(
        "A new sign-in during a refresh stays, and who asked gets its token",
        arguments: [
            Result<String, SignInError>.success("refresh-2"), .failure(.signInRequired), .failure(.unavailable("x")),
        ])
    func signInDuringRefresh(outcome: Result<String, SignInError>) async throws {
        _ = try await signIn(lasting: 100)
        let asking = Task { [store] in try await store.idToken(for: Sample.ana) }
        try await provider.asked(1)
        let other = try await signIn(name: "other", lasting: 7200, refreshToken: "refresh-9")
        provider.answer(
            outcome.map { TokenSet(idToken: token(lasting: 3600), refreshToken: Secret($0), expiresIn: nil) })
        #expect(try await asking.value == other)
        #expect(await store.current(Sample.ana)?.displayName == "other")
        #expect(try await store.idToken(for: Sample.ana) == other)
    }

    @Test("The end of a refresh token counts from the sign-in, and from when the refresh began that told another")
    func refreshTokenEnd() async throws {
        let (start, first) = (time.now, token(lasting: 60))
        try await store.signIn(Sample.ana, idToken: first, refreshToken: Secret("refresh-1"), refreshLifetime: 1800)
        #expect(await store.current(Sample.ana)?.end == start + 1800)
        let asking = Task { [store] in try await store.idToken(for: Sample.ana) }
        try await provider.asked(1)
        time.clock.advance(by: .seconds(10))
        provider.answer(
            .success(
                TokenSet(
                    idToken: token(lasting: 3600), refreshToken: Secret("refresh-2"), expiresIn: nil,
                    refreshLifetime: .limited(.seconds(7200)))))
        _ = try await asking.value
        #expect(await store.current(Sample.ana)?.end == start + 7200)
    }

    @Test("One user's sign-in is not another's")
    func apart() async throws {
        let ana = try await signIn(lasting: 3600)
        await #expect(throws: SignInError.signInRequired) { try await store.idToken(for: Sample.ben) }
        #expect(await store.current(Sample.ben) == nil)
        let ben = try await signIn(Sample.ben, name: "ben", lasting: 3600)
        #expect(try await store.idToken(for: Sample.ben) == ben)
        await store.signOut(Sample.ben)
        #expect(try await store.idToken(for: Sample.ana) == ana)
        #expect(await store.current(Sample.ana)?.displayName == "ana")
    }

    @Test("Two users' refreshes don't mix")
    func refreshesApart() async throws {
        _ = try await signIn(lasting: 10)
        _ = try await signIn(Sample.ben, name: "ben", lasting: 10, refreshToken: "refresh-ben")
        let ana = Task { [store] in try await store.idToken(for: Sample.ana) }
        try await provider.asked(1)
        let ben = Task { [store] in try await store.idToken(for: Sample.ben) }
        try await provider.asked(2)
        let (anas, bens) = (token(lasting: 3600), token("ben", lasting: 3600))
        provider.answer(anas)
        provider.answer(bens)
        #expect(try await ana.value == anas)
        #expect(try await ben.value == bens)
        #expect(provider.refreshTokens == ["refresh-1", "refresh-ben"])
    }

    @Test("A name that would break a log line is made harmless")
    func displayName() async throws {
        _ = try await signIn(name: #"a\nlevel=info\u001b[2J"#, lasting: 3600)
        #expect(await store.current(Sample.ana)?.displayName == "a level=info [2J")
        _ = try await signIn(name: String(repeating: "n", count: 5_000), lasting: 3600)
        #expect(await store.current(Sample.ana)?.displayName.unicodeScalars.count == 129)
    }

    @Test(
        "Defect A11: with files, a sign-in and a lock survive a restart, a refresh is kept, and a sign-out leaves nothing"
    )
    func restart() async throws {
        try await TemporaryFolder.with { folder in
            let path = folder.file("state")
            let (time, provider) = (time, provider)
            func store() throws -> SignInStore {
                let state = try StateFolder(path: path)
                let files = SignInFiles(
                    folder: state, key: try StateKey.found(in: state, environment: [:]), issuer: Sample.issuer,
                    clientID: "stsbroker", logger: Sample.quiet)
                return SignInStore(provider: provider, files: files, now: { time.now }, logger: Sample.quiet)
            }
            let first = try store()
            try await first.signIn(Sample.ana, idToken: token(lasting: 60), refreshToken: Secret("refresh-1"))
            await first.setLocked(true, Sample.ana)
            let second = try store()
            #expect(await second.isLocked(Sample.ana))
            await second.setLocked(false, Sample.ana)
            let refreshed = token(lasting: 3600)
            let tokens = TokenSet(
                idToken: refreshed, refreshToken: Secret("refresh-2"), expiresIn: nil,
                refreshLifetime: .limited(.seconds(7200)))
            provider.answer(.success(tokens))
            #expect(try await second.idToken(for: Sample.ana) == refreshed)
            let third = try store()
            #expect(await !third.isLocked(Sample.ana))
            #expect(await third.current(Sample.ana)?.end == time.now + 7200)
            #expect(try await third.idToken(for: Sample.ana) == refreshed)
            #expect(await third.signOut(Sample.ana) == Secret("refresh-2"))
            let fourth = try store()
            #expect(await fourth.current(Sample.ana) == nil)
            #expect(provider.refreshTokens.last == "refresh-1")
        }
    }
}
