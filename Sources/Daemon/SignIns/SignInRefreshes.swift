import CredentialCache
import FoundationEssentials
import OIDC

/// The refreshes under way, one for a person at a time: part of what ``SignInStore`` keeps, and only touched by it.
///
/// A refresh that was cancelled, or whose end somebody has seen before, is not the person's any more: ``end(_:of:)`` says so.
struct SignInRefreshes: Sendable {
    struct Refresh: Sendable {
        fileprivate let id: Int
        let task: Task<SignInSession, any Error>
    }

    private var refreshes: [Principal: Refresh] = [:]
    private var lastID = 0

    func underWay(for principal: Principal) -> Refresh? { refreshes[principal] }

    /// A task of its own, so that a caller that goes away cancels nothing for the others.
    mutating func start(
        for principal: Principal, _ session: SignInSession, with provider: any TokenRefreshing, at now: Date
    ) -> Refresh {
        lastID += 1
        let task = Task {
            guard let token = session.refreshToken else { throw SignInError.signInRequired }
            return try session.refreshed(by: try await provider.refresh(token), at: now)
        }
        let refresh = Refresh(id: lastID, task: task)
        refreshes[principal] = refresh
        return refresh
    }

    /// To be called when the task has ended. Returns whether its result is to be used: that is so once, and only if the refresh is
    /// still the person's.
    mutating func end(_ refresh: Refresh, of principal: Principal) -> Bool {
        guard refreshes[principal]?.id == refresh.id else { return false }
        refreshes[principal] = nil
        return true
    }

    mutating func cancel(_ principal: Principal) {
        refreshes.removeValue(forKey: principal)?.task.cancel()
    }
}
