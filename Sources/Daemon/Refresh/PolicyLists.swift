import BrokerAPI
import CallerIdentity
import CredentialCache
import Credentials
import FoundationEssentials
import Logging
import MetadataServer
import OIDC
import Synchronization

/// What the broker lists for those whose rules offer all of it. While it can't be asked, what it said last holds.
final class PolicyLists: Sendable {
    /// How long an answer is good.
    static let lifetime: TimeInterval = 300
    /// How long others wait for the first answer.
    private static let longestWait = Duration.seconds(3)
    /// Whoever asks again so soon gets the same answer.
    private static let shortestPause: TimeInterval = 2

    private let current: CurrentSettings
    private let signIns: SignInStore
    private let cache: CredentialCache
    /// The ids of the policies that the broker lists for the token's owner.
    private let list: @Sendable (Secret) async throws(BrokerClientError) -> [String]
    /// For the first answer.
    private let patience: Patience
    /// Users make it new as often as they sign out and in.
    private let logLines = CallerLogLines()
    private let logger: Logger
    private let now: @Sendable () -> Date
    /// What is listed changes under its lock, so that an answer which is nobody's any more is not listed.
    private let answers = Mutex(PolicyAnswers())

    init(
        current: CurrentSettings, signIns: SignInStore, cache: CredentialCache,
        list: @escaping @Sendable (Secret) async throws(BrokerClientError) -> [String],
        clock: any Clock<Duration>, logger: Logger, now: @escaping @Sendable () -> Date
    ) {
        self.current = current
        self.signIns = signIns
        self.cache = cache
        self.list = list
        patience = Patience(limit: Self.longestWait, clock: clock)
        self.logger = logger
        self.now = now
    }

    /// Asks now, if a rule wants to know. What is listed no longer is dropped.
    func refresh(_ principal: Principal) async throws(IssueFailure) {
        guard current.value.offersPolicies(of: principal), !isAnswered(principal, within: Self.shortestPause) else {
            return
        }
        if await signIns.isLocked(principal) { throw IssueFailure(.locked) }
        let question = answers.withLock { $0.ask(about: principal) }
        let ids = try await ids(with: try await idToken(of: principal))
        let isNew = answers.withLock { answers in
            guard answers.accept(answerTo: question, about: principal, at: now()) else { return false }
            return current.list(ids, of: principal)
        }
        guard isNew else { return }
        dropUnlisted(principal)
        log(.info, "policies listed", of: principal, ["count": "\(ids.count)"])
    }

    private func log(
        _ level: Logger.Level, _ event: Logger.Message, of principal: Principal, _ facts: Logger.Metadata
    ) {
        logLines.write(level, event, countedFor: .user(principal.userID), to: logger) {
            facts.merging(["principal": "\(principal)"]) { $1 }
        }
    }

    private func isAnswered(_ principal: Principal, within pause: TimeInterval) -> Bool {
        guard let age = answers.withLock({ $0.date(of: principal) }).map({ now().timeIntervalSince($0) }) else {
            return false
        }
        return (0..<pause).contains(age)
    }

    private func idToken(of principal: Principal) async throws(IssueFailure) -> Secret {
        do throws(SignInError) { return try await signIns.idToken(for: principal) } catch { throw IssueFailure(error) }
    }

    private func ids(with token: Secret) async throws(IssueFailure) -> [String] {
        do throws(BrokerClientError) { return try await list(token) } catch { throw IssueFailure(error) }
    }

    /// Asks anew. What was listed for somebody else is forgotten first.
    func signedIn(_ principal: Principal, isSamePerson: Bool) async {
        if isSamePerson {
            answers.withLock { $0.expire(principal) }
        } else {
            signedOut(principal)
        }
        await refreshInTime([principal])
    }

    /// Nobody is signed in as that user any more, or somebody else is.
    func signedOut(_ principal: Principal) {
        let isNew = answers.withLock { answers in
            answers.forget(principal)
            return current.list([], of: principal)
        }
        if isNew { dropUnlisted(principal) }
    }

    /// Asks at once for all of whom no answer is good any more. Where there was one, only if they use something: a
    /// sign-in that nobody uses is not to be kept alive.
    func refreshAll() async {
        await signIns.principals.filter(isDue).forEachAtOnce { await self.refreshLoggingFailure($0) }
    }

    private func isDue(_ principal: Principal) -> Bool {
        guard answers.withLock({ $0.date(of: principal) != nil }) else { return true }
        return cache.isInUse(by: principal, now: now()) && !isAnswered(principal, within: Self.lifetime)
    }

    /// Asks for those of whom nothing is known, before there are callers; but they don't wait for long.
    func prepare() async {
        await refreshInTime(await signIns.principals.filter { current.value.listedPolicies[$0] == nil })
    }

    /// Waits for the answers, or for as long as anybody would.
    private func refreshInTime(_ principals: [Principal]) async {
        guard principals.contains(where: current.value.offersPolicies) else { return }
        await patience.wait {
            await principals.forEachAtOnce { await self.refreshLoggingFailure($0) }
        }
    }

    private func refreshLoggingFailure(_ principal: Principal) async {
        do throws(IssueFailure) {
            try await refresh(principal)
        } catch  where error.failure == .locked {
            return
        } catch {
            let isNew = answers.withLock { $0.fail(about: principal) }
            log(
                isNew ? .warning : .debug, "policies not listed", of: principal,
                ["code": "\(error.failure.code)", "reason": "\(error.failure.message)"])
        }
    }

    private func dropUnlisted(_ principal: Principal) {
        let settings = current.value
        cache.forget(now: now()) { $0.principal == principal && !settings.offers($0) }
    }
}
