import CredentialCache
import Credentials
import DaemonAPI
import MetadataServer
import OIDC

/// The end of sign-ins, for good or for a while.
extension ControlService {
    func revoked(_ refreshToken: Secret?) async -> SignOutAnswer {
        guard let refreshToken else { return SignOutAnswer(refreshToken: .none) }
        do throws(SignInError) {
            try await signIns.revoke(refreshToken)
            return SignOutAnswer(refreshToken: .revoked)
        } catch {
            return SignOutAnswer(refreshToken: .notRevoked, reason: error.description)
        }
    }

    /// Drops what is held, and lets nothing new come.
    func setLocked(_ isLocked: Bool, _ principal: Principal) async -> ControlResponse {
        await signIns.setLocked(isLocked, principal)
        cache.principalChanged(principal, dropping: true, now: now())
        return .empty(204)
    }
}
