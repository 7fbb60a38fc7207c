import Credentials
package import FoundationEssentials
package import Logging

/// The broker's own AWS key: held while it is good, asked for anew ahead of its end, one attempt at a time however many want it.
package actor OwnKeys {
    private let source: any AWSKeySource
    private let askSTS: @Sendable (AWSAccessKey) async throws(AWSError) -> STSCallerIdentity
    private let logger: Logger
    private let now: @Sendable () -> Date
    private let jitter: @Sendable () -> Double
    private var life = KeyLife()
    private var attempt: Task<Void, Never>?
    /// What STS has said of the key with that id.
    private var known: (accessKeyID: String, belongsToRole: Bool)?
    private var askedAt = Date.distantPast

    /// - Parameters:
    ///   - identity: whom STS takes a key for; asked where the source doesn't know whether it is a role's.
    ///   - jitter: 0.0 to 1.0, a new one with each call.
    package init(
        source: any AWSKeySource,
        identity: @escaping @Sendable (AWSAccessKey) async throws(AWSError) -> STSCallerIdentity, logger: Logger,
        now: @escaping @Sendable () -> Date, jitter: @escaping @Sendable () -> Double = { .random(in: 0...1) }
    ) {
        self.source = source
        self.askSTS = identity
        self.logger = logger
        self.now = now
        self.jitter = jitter
    }

    /// A key that is good now. Waits for the source only if there is none; right after a failure it fails at once.
    package func current() async throws(AWSError) -> AWSAccessKey {
        try await currentKey().accessKey
    }

    /// Whether what the broker assumes is role chaining. What nobody knows counts as chaining, as it nearly always is.
    package func belongsToRole() async -> Bool {
        guard let key = try? await currentKey() else { return known?.belongsToRole ?? life.key?.belongsToRole ?? true }
        if let belongs = key.belongsToRole { return belongs }
        let id = key.accessKey.accessKeyID
        if let known, known.accessKeyID == id { return known.belongsToRole }
        guard now().timeIntervalSince(askedAt) > KeyLife.longestPause || known != nil else { return true }
        (askedAt, known) = (now(), nil)
        do throws(AWSError) {
            let answer = try await askSTS(key.accessKey).isRoleSession
            known = (id, answer)
            return answer
        } catch {
            logger.warning(
                "own identity unknown, sessions are capped at an hour", metadata: ["error": "\(error)"])
            return true
        }
    }

    /// AWS has refused that key: the source is asked anew. Whether there is another one now.
    package func replace(_ refused: AWSAccessKey) async -> Bool {
        life.refuse(refused.accessKeyID)
        await refreshIfDue()
        return life.usable(at: now()).map { $0.accessKey.accessKeyID != refused.accessKeyID } ?? false
    }

    /// How long the source may be left alone.
    package func pauseUntilDue() -> Duration {
        .seconds(max(0, life.nextAttempt(jitter: jitter()).timeIntervalSince(now())))
    }

    /// Asks the source if it is time for that.
    package func refreshIfDue() async {
        guard now() >= life.nextAttempt(jitter: jitter()) else { return }
        await ask()
    }

    /// The same, waiting only where there is no key.
    private func currentKey() async throws(AWSError) -> OwnKey {
        if let key = life.usable(at: now()) { return key }
        if let failure = life.standingFailure(at: now(), jitter: 0) { throw failure }
        await ask()
        if let key = life.usable(at: now()) { return key }
        throw life.standingFailure(at: now(), jitter: 1) ?? .keysUnavailable("its source gave one that has expired")
    }

    /// The attempt is its own task, so that a caller who goes away cancels nothing for the others.
    private func ask() async {
        if let attempt { return await attempt.value }
        let task = Task { [source] in
            do throws(AWSError) {
                take(try await source.key())
            } catch {
                fail(error)
            }
        }
        attempt = task
        await task.value
    }

    private func take(_ key: OwnKey?) {
        guard let key else { return fail(.keysUnavailable("none is set up; see aws.credentials")) }
        attempt = nil
        let (before, failures) = (life.key?.accessKey.accessKeyID, life.failures)
        life.succeed(key, at: now())
        if let error = life.standingFailure(at: now(), jitter: 0) { return report(error) }
        guard before != key.accessKey.accessKeyID || failures > 0 else { return }
        let ends = key.expiration.map(AWSTimestamp.text) ?? "not known"
        logger.info(
            "own aws key taken",
            metadata: ["access_key_id": "\(key.accessKey.accessKeyID)", "source": "\(source.name)", "ends": "\(ends)"])
    }

    private func fail(_ error: AWSError) {
        attempt = nil
        life.fail(error, at: now())
        report(error)
    }

    /// Once for each row of failures.
    private func report(_ error: AWSError) {
        guard life.failures == 1 else { return }
        let metadata: Logger.Metadata = ["source": "\(source.name)", "error": "\(error)"]
        if life.usable(at: now()) != nil {
            logger.warning("own aws key not renewed", metadata: metadata)
        } else {
            logger.error("no aws key of the broker's own", metadata: metadata)
        }
    }
}
