import Credentials
import FoundationEssentials
import Logging
import TestSupport
import Testing

@testable import CredentialCache

/// What the log says of attempts that fail: each change once, and nothing that users bring about as often as they like.
@Suite struct FailureLogTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)
    private let key = CredentialKey(principal: .localUser(1), role: "developer")
    private let log = LogLines(from: .info)
    private let cache: CredentialCache

    init() {
        cache = CredentialCache(
            random: { 0 }, logger: log.logger, prepare: { credentials, _ in SampleForm(credentials.accessKeyID) })
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

    private func line(of failure: CredentialFailure) -> String {
        "warning credentials can't be refreshed principal=\(key.principal) reason=\(failure) role=\(key.role)"
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
        #expect(log.lines.isEmpty)
    }

    @Test(arguments: [
        CredentialFailure.accessDenied("revoked"), .requestRefused("too long"), .roleNotFound,
        .approvalPending("Wait."), .identityUnusable("It is empty."), .brokerUnreachable("refused"),
    ])
    func `any other is logged when it comes and when it goes, once each`(failure: CredentialFailure) throws {
        for number in 0..<3 { try attempt(failure, after: Double(number) * 1000) }
        #expect(log.lines == [line(of: failure)])
        for number in 3..<5 { try attempt(nil, after: Double(number) * 1000) }
        #expect(
            log.lines.dropFirst() == [
                "info credentials are refreshed again principal=\(key.principal) role=\(key.role)"
            ])
        try attempt(failure, after: 5000)
        try attempt(.credentialsExpired, after: 6000)
        #expect(log.lines.dropFirst(2) == [line(of: failure), line(of: .credentialsExpired)])
    }
}
