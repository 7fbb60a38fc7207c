import CredentialCache
import Credentials
import FoundationEssentials
import Glibc
import Logging
import MetadataServer
import TestSupport
import Testing

@testable import CredentialCache
@testable import Daemon

@Suite struct WorkloadTokenWatchTests {
    /// A watch that looks when a test says, and a cache with credentials of the workload.
    private struct Bench {
        let folder: TemporaryFolder
        let time = ManualTime()
        let clock = TestClock()
        let log = LogLines()
        let cache = Sample.cache()
        let key = CredentialKey(principal: .localUser(65532), role: "app")

        init(_ folder: TemporaryFolder) { self.folder = folder }

        /// What happens from the first look on.
        func watching(_ body: () async throws -> Void) async throws {
            let time = time
            let watch = WorkloadTokenWatch(
                token: WorkloadToken(path: folder.file("token"), principal: key.principal), cache: cache, clock: clock,
                logger: log.logger, now: { time.now }, onOther: { [log] in log.logger.info("somebody else's") })
            let running = Task { await watch.run() }
            try await clock.sleepers(1)
            try await body()
            running.cancel()
            await running.value
        }

        func look() async throws {
            clock.advance(by: FileChange.pause)
            try await clock.sleepers(1)
        }

        func write(_ subject: String, lasting seconds: TimeInterval = 3600) throws {
            let token = Sample.idToken(subject, expiring: time.now.addingTimeInterval(seconds)).revealed()
            try folder.write("next", token)
            #expect(rename(folder.file("next"), folder.file("token")) == 0)
        }

        func hold() throws {
            _ = cache.lookup(key, now: time.now)
            let attempt = try #require(cache.startDueAttempts(now: time.now).first)
            let credentials = SessionCredentials(
                accessKeyID: "ASIAEXAMPLE", secretAccessKey: Secret("s"), sessionToken: Secret("t"),
                expiration: time.now.addingTimeInterval(3600), issuedAt: time.now,
                roleARN: try RoleARN("arn:aws:iam::111122223333:role/r"))
            cache.attemptEnded(attempt, .success(credentials), now: time.now)
        }

        var isHeld: Bool {
            if case .usable = cache.lookup(key, now: time.now) { true } else { false }
        }

        func count(_ text: String) -> Int { log.lines.count { $0.contains(text) } }
    }

    @Test func `a new token of the same subject is told once, and fetches nothing`() async throws {
        try await TemporaryFolder.with { folder in
            let bench = Bench(folder)
            try bench.write("app")
            try await bench.watching {
                try bench.hold()
                #expect(bench.count("workload token read") == 1)
                try bench.write("app")
                for _ in 0..<3 { try await bench.look() }
                #expect(bench.count("workload token read") == 2)
                #expect(bench.isHeld && bench.count("somebody else's") == 0)
                #expect(bench.cache.startDueAttempts(now: bench.time.now).isEmpty)
                #expect(!bench.log.lines.contains { $0.contains("eyJ") })
            }
        }
    }

    @Test func `another subject's token ends what is held`() async throws {
        try await TemporaryFolder.with { folder in
            let bench = Bench(folder)
            try bench.write("app")
            try await bench.watching {
                try bench.hold()
                try bench.write("other")
                try await bench.look()
                #expect(!bench.isHeld && bench.count("somebody else's") == 1)
            }
        }
    }

    @Test func `a missing, then expired, token is told once each, and what failed is tried again with a good one`()
        async throws
    {
        try await TemporaryFolder.with { folder in
            let bench = Bench(folder)
            try await bench.watching {
                for _ in 0..<2 { try await bench.look() }
                #expect(bench.count("does not exist") == 1)
                try bench.write("app", lasting: -1)
                for _ in 0..<2 { try await bench.look() }
                #expect(bench.count("that expired at") == 1)
                _ = bench.cache.lookup(bench.key, now: bench.time.now)
                let attempt = try #require(bench.cache.startDueAttempts(now: bench.time.now).first)
                bench.cache.attemptEnded(
                    attempt, .failure(IssueFailure(.identityUnusable("It is old."))), now: bench.time.now)
                _ = bench.cache.lookup(bench.key, now: bench.time.now)
                #expect(bench.cache.startDueAttempts(now: bench.time.now).isEmpty)
                try bench.write("app")
                try await bench.look()
                _ = bench.cache.lookup(bench.key, now: bench.time.now)
                #expect(bench.cache.startDueAttempts(now: bench.time.now).count == 1)
                #expect(bench.count("workload token read") == 1)
            }
        }
    }
}
