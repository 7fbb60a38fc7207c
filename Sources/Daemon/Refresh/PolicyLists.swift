import BrokerAPI
import CredentialCache
import Credentials
import FoundationEssentials
import Logging
import OIDC
import ServiceLifecycle
import Synchronization

/// What the broker lists for those whose rules offer all of it. While it can't be asked, what it said last holds.
final class PolicyLists: Sendable {
    /// How long an answer is good.
    static let lifetime: TimeInterval = 300
    /// How long others wait for the first answer.
    private static let patience = Duration.seconds(3)

    private let current: CurrentSettings
    private let signIns: SignInStore
    private let cache: CredentialCache
    /// The ids of the policies that the broker lists for the token's owner.
    private let list: @Sendable (Secret) async throws(BrokerClientError) -> [String]
    private let clock: any Clock<Duration>
    private let logger: Logger
    private let now: @Sendable () -> Date
    private let answered = Mutex<[Principal: Date]>([:])

    init(
        current: CurrentSettings, signIns: SignInStore, cache: CredentialCache,
        list: @escaping @Sendable (Secret) async throws(BrokerClientError) -> [String],
        clock: any Clock<Duration>, logger: Logger, now: @escaping @Sendable () -> Date
    ) {
        self.current = current
        self.signIns = signIns
        self.cache = cache
        self.list = list
        self.clock = clock
        self.logger = logger
        self.now = now
    }

    /// Asks now, if a rule wants to know. What is listed no longer is dropped.
    func refresh(_ principal: Principal) async throws(IssueFailure) {
        guard current.value.offersPolicies(of: principal) else { return }
        if await signIns.isLocked(principal) { throw IssueFailure(.locked) }
        let ids = try await ids(with: try await idToken(of: principal))
        answered.withLock { $0[principal] = now() }
        adopt(ids, of: principal)
    }

    private func idToken(of principal: Principal) async throws(IssueFailure) -> Secret {
        do throws(SignInError) { return try await signIns.idToken(for: principal) } catch { throw IssueFailure(error) }
    }

    private func ids(with token: Secret) async throws(IssueFailure) -> [String] {
        do throws(BrokerClientError) { return try await list(token) } catch { throw IssueFailure(error) }
    }

    /// Somebody else may have signed in: what was listed before is forgotten, and asked for anew.
    func signedIn(_ principal: Principal) async {
        signedOut(principal)
        await refreshInTime([principal])
    }

    func signedOut(_ principal: Principal) {
        _ = answered.withLock { $0.removeValue(forKey: principal) }
        adopt([], of: principal)
    }

    /// Asks for everybody of whom no answer is good any more.
    func refreshAll() async {
        for principal in await due { await refreshLoggingFailure(principal) }
    }

    /// Asks for everybody, before there are callers; but they don't wait for long.
    func prepare() async { await refreshInTime(await due) }

    private var due: [Principal] {
        get async {
            let earliest = now().addingTimeInterval(-Self.lifetime)
            return await signIns.principals.filter { principal in
                current.value.offersPolicies(of: principal)
                    && answered.withLock { $0[principal].map { $0 <= earliest || $0 > now() } ?? true }
            }
        }
    }

    private func refreshInTime(_ principals: [Principal]) async {
        guard !principals.isEmpty else { return }
        await withTaskGroup { group in
            group.addTask { for principal in principals { await self.refreshLoggingFailure(principal) } }
            group.addTask { [clock] in try? await clock.sleep(for: Self.patience) }
            await group.next()
            group.cancelAll()
        }
    }

    private func refreshLoggingFailure(_ principal: Principal) async {
        do throws(IssueFailure) {
            try await refresh(principal)
        } catch {
            logger.warning(
                "policies not listed",
                metadata: [
                    "principal": "\(principal)", "code": "\(error.failure.code)", "reason": "\(error.failure.message)",
                ])
        }
    }

    private func adopt(_ ids: [String], of principal: Principal) {
        guard current.list(ids, of: principal) else { return }
        let settings = current.value
        cache.forget(now: now()) { $0.principal == principal && !settings.offers($0) }
        logger.info("policies listed", metadata: ["principal": "\(principal)", "count": "\(ids.count)"])
    }
}

/// Asks again before an answer is too old, and soon where there was none.
struct PolicyListWatch<Sleeper: Clock>: Service where Sleeper.Duration == Duration {
    static var pause: Duration { .seconds(30) }

    let lists: PolicyLists
    let clock: Sleeper

    func run() async {
        await cancelWhenGracefulShutdown {
            while (try? await clock.sleep(for: Self.pause)) != nil { await lists.refreshAll() }
        }
    }
}
