import CallerIdentity
package import CredentialCache
package import Credentials
package import FoundationEssentials
package import Logging
import MetadataServer
package import OIDC

/// The sign-ins of all local users, each seen by its own user only. Gives out ID tokens that are good for a while yet,
/// refreshing them with the identity provider: one refresh per person at a time, however many ask.
///
/// Where the daemon acts for a workload, nobody signs in, and there is the workload's token for the workload's principal only.
package actor SignInStore {
    /// An ID token with less than this left is refreshed before it is used: it must survive the way to the broker, and
    /// the two clocks may differ.
    private static let leastLeft: TimeInterval = 120

    private var sessions: [Principal: SignInSession]
    private var locked: Set<Principal>
    /// Whose sign-in the identity provider ended, until they sign in or out.
    private var ended: Set<Principal> = []
    /// Where they outlive the daemon; `nil` for memory only.
    private let files: SignInFiles?
    package nonisolated let keySource: StateKey.Source?
    /// `nil` where people sign in.
    package nonisolated let workload: WorkloadToken?
    private var refreshes = SignInRefreshes()
    private let provider: any TokenRefreshing
    private let now: @Sendable () -> Date
    /// Of what people do to their sign-ins, in a loop for instance.
    private let logLines = CallerLogLines()
    private let logger: Logger

    package init(
        provider: any TokenRefreshing, files: SignInFiles? = nil, workload: WorkloadToken? = nil,
        now: @escaping @Sendable () -> Date, logger: Logger
    ) {
        self.provider = provider
        self.workload = workload
        self.files = files
        keySource = files?.keySource
        sessions = files?.load() ?? [:]
        locked = files?.loadLocked() ?? []
        self.now = now
        self.logger = logger
    }

    /// - Parameter refreshLifetime: of the refresh token, from now on, as far as it is known.
    package func signIn(
        _ principal: Principal, idToken: Secret, refreshToken: Secret?, refreshLifetime: TimeInterval? = nil
    ) throws(SignInError) {
        let session = try SignInSession(
            idToken: idToken, refreshToken: refreshToken, refreshTokenEnd: refreshLifetime.map { now() + $0 })
        guard session.expiration > now() || refreshToken != nil else { throw .signInRequired }
        forget(principal)
        sessions[principal] = session
        files?.keep(session, of: principal)
        log(.info, "signed in", of: principal, ["subject": "\(session.displayName)"])
    }

    /// Returns the refresh token that is no longer needed, for ``revoke(_:)``.
    @discardableResult
    package func signOut(_ principal: Principal) -> Secret? {
        let token = sessions[principal]?.refreshToken
        forget(principal)
        files?.forget(principal)
        log(.info, "signed out", of: principal)
        return token
    }

    /// Ends it at the identity provider.
    package nonisolated func revoke(_ refreshToken: Secret) async throws(SignInError) {
        try await provider.revoke(refreshToken)
    }

    /// Who is signed in and until when; `nil` if nobody is.
    func current(_ principal: Principal) -> SignInSession? {
        guard let workload else { return sessions[principal] }
        return principal == workload.principal ? try? workload.session(now: now()) : nil
    }

    /// Everybody who is signed in.
    var principals: [Principal] { workload.map { [$0.principal] } ?? Array(sessions.keys) }

    /// Whether the identity provider ended the sign-in.
    func hasEnded(_ principal: Principal) -> Bool { ended.contains(principal) }

    /// Whether nothing is to be fetched for them.
    package func isLocked(_ principal: Principal) -> Bool { locked.contains(principal) }

    /// Kept like the sign-ins.
    package func setLocked(_ isLocked: Bool, _ principal: Principal) {
        if isLocked { locked.insert(principal) } else { locked.remove(principal) }
        files?.keepLocked(isLocked, principal)
        log(.info, isLocked ? "locked" : "unlocked", of: principal)
    }

    /// An ID token that is still good for two minutes at least, or as good as can be had.
    package func idToken(for principal: Principal) async throws(SignInError) -> Secret {
        if let workload, workload.principal == principal { return try workload.session(now: now()).idToken }
        guard let session = sessions[principal] else { throw .signInRequired }
        let left = session.expiration.timeIntervalSince(now())
        if left >= Self.leastLeft { return session.idToken }
        guard session.refreshToken != nil else {
            guard left > 0 else { throw .signInRequired }
            return session.idToken
        }
        let refresh =
            refreshes.underWay(for: principal) ?? refreshes.start(for: principal, session, with: provider, at: now())
        let result = await refresh.task.result
        if refreshes.end(refresh, of: principal) { adopt(result, for: principal) }
        return try idToken(of: principal, after: result)
    }

    /// What counts is who is signed in now: a sign-out during the refresh leaves nothing to give out, a new sign-in its
    /// own token.
    private func idToken(
        of principal: Principal, after result: Result<SignInSession, any Error>
    ) throws(SignInError) -> Secret {
        guard let session = sessions[principal] else { throw .signInRequired }
        guard case .failure(let error) = result, session.expiration <= now() else { return session.idToken }
        throw error as? SignInError ?? .unavailable("the refresh was interrupted")
    }

    private func adopt(_ result: Result<SignInSession, any Error>, for principal: Principal) {
        switch result {
        case .success(let session):
            sessions[principal] = session
            files?.keep(session, of: principal)
            logger.debug("sign-in refreshed", metadata: ["principal": "\(principal)"])
        case .failure(SignInError.signInRequired):
            sessions[principal] = nil
            ended.insert(principal)
            files?.forget(principal)
            log(.warning, "sign-in ended", of: principal)
        case .failure(let error):
            log(.warning, "sign-in can't be refreshed now", of: principal, ["reason": "\(error)"])
        }
    }

    private func log(
        _ level: Logger.Level, _ act: Logger.Message, of principal: Principal, _ facts: Logger.Metadata = [:]
    ) {
        logLines.write(level, act, countedFor: .user(principal.userID), to: logger) {
            facts.merging(["principal": "\(principal)"]) { $1 }
        }
    }

    private func forget(_ principal: Principal) {
        ended.remove(principal)
        sessions[principal] = nil
        refreshes.cancel(principal)
    }
}
