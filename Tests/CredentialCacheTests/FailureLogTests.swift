import Credentials
import FoundationEssentials
import Logging
import Synchronization
import Testing

@testable import CredentialCache

/// What the log says of attempts that fail: each change once, and nothing that users bring about as often as they like.
@Suite struct FailureLogTests {
    /// Lines of info and above.
    private final class Lines: LogHandler {
        private let lines = Mutex<[String]>([])

        var all: [String] { lines.withLock { $0 } }

        var metadata: Logger.Metadata {
            get { [:] }
            set {}
        }

        var logLevel: Logger.Level {
            get { .info }
            set {}
        }

        subscript(metadataKey _: String) -> Logger.Metadata.Value? {
            get { nil }
            set {}
        }

        func log(event: LogEvent) {
            let reason = event.metadata?["reason"].map { ": \($0)" } ?? ""
            lines.withLock { $0.append("\(event.level) \(event.message)\(reason)") }
        }
    }

    private let now = Date(timeIntervalSince1970: 1_800_000_000)
    private let key = CredentialKey(principal: .localUser(1), role: "developer")
    private let lines = Lines()
    private let cache: CredentialCache

    init() {
        let lines = lines
        cache = CredentialCache(
            random: { 0 }, logger: Logger(label: "test") { _ in lines },
            prepare: { credentials, _ in SampleForm(credentials.accessKeyID) })
    }

    /// One attempt, which somebody asks for `seconds` after the beginning.
    private func attempt(_ failure: CredentialFailure?, after seconds: TimeInterval) throws {
        let instant = now.addingTimeInterval(seconds)
        _ = cache.lookup(key, now: instant)
        let attempt = try #require(cache.startDueAttempts(now: instant).first)
        let result: Result<SessionCredentials, IssueFailure>
        if let failure {
            result = .failure(IssueFailure(failure))
        } else {
            result = .success(try .sample(issuedAt: instant, lifetime: 60))
        }
        #expect(cache.attemptEnded(attempt, result, now: instant) == failure)
    }

    @Test(arguments: [CredentialFailure.locked, .signInRequired])
    func `what its user brings about is not logged, however often`(failure: CredentialFailure) throws {
        for round in 0..<50 {
            let start = Double(round) * 1000
            try attempt(failure, after: start)
            // The next time it ends by itself, and then because the user has unlocked, or signed in.
            try attempt(nil, after: start + 100)
            cache.principalChanged(key.principal, dropping: true, now: now.addingTimeInterval(start + 200))
            try attempt(failure, after: start + 300)
            cache.principalChanged(key.principal, dropping: true, now: now.addingTimeInterval(start + 400))
            try attempt(nil, after: start + 500)
        }
        #expect(lines.all.isEmpty)
    }

    @Test(arguments: [
        CredentialFailure.accessDenied("revoked"), .requestRefused("too long"), .roleNotFound,
        .approvalPending("Wait."), .identityUnusable("It is empty."), .brokerUnreachable("refused"),
    ])
    func `any other is logged when it comes and when it goes, once each`(failure: CredentialFailure) throws {
        for number in 0..<3 { try attempt(failure, after: Double(number) * 1000) }
        #expect(lines.all == ["warning credentials can't be refreshed: \(failure)"])
        for number in 3..<5 { try attempt(nil, after: Double(number) * 1000) }
        #expect(lines.all.dropFirst() == ["info credentials are refreshed again"])
        try attempt(failure, after: 5000)
        try attempt(.credentialsExpired, after: 6000)
        #expect(
            lines.all.dropFirst(2) == [
                "warning credentials can't be refreshed: \(failure)",
                "warning credentials can't be refreshed: \(CredentialFailure.credentialsExpired)",
            ])
    }
}
