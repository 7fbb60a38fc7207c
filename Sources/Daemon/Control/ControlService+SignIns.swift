import CredentialCache
import Credentials
import DaemonAPI
import FoundationEssentials
import HTTPExchange
import MetadataServer
import OIDC

/// Sign-ins: their beginning, what they are good for, and their end, for good or for a while.
extension ControlService {
    func signIn(_ principal: Principal, _ body: [UInt8]) async -> ControlResponse {
        guard let signIn = StrictJSON.decode(SignIn.self, from: body) else {
            return .failure(
                400, "InvalidRequest", "The body is not a sign-in: issuer, client_id, id_token, refresh_token.")
        }
        guard signIn.refreshTokenExpiresIn.map({ (1...31_536_000).contains($0) }) ?? true else {
            return .failure(400, "InvalidRequest", "refresh_token_expires_in is from 1 to 31536000.")
        }
        guard case .people(let issuer, let clientID) = settings.identity else {
            return .failure(409, "WorkloadIdentity", "The daemon acts for a workload; nobody signs in.")
        }
        guard signIn.issuer == issuer, signIn.clientID == clientID else {
            return .failure(
                400, "WrongIdentityProvider", "The daemon is configured for \(issuer), not for that provider.")
        }
        let before = await signIns.current(principal)?.subject
        do throws(SignInError) {
            try await signIns.signIn(
                principal, idToken: Secret(signIn.idToken), refreshToken: signIn.refreshToken.map { Secret($0) },
                refreshLifetime: signIn.refreshTokenExpiresIn.map { TimeInterval($0) })
        } catch {
            return .failure(400, "InvalidToken", "The tokens can't be used: \(error).")
        }
        cache.principalChanged(principal, dropping: true, now: now())
        let isSamePerson = await before == signIns.current(principal)?.subject
        await policyLists?.signedIn(principal, isSamePerson: isSamePerson)
        return .empty(204)
    }

    func signOut(_ principal: Principal) async -> ControlResponse {
        let refreshToken = await signIns.signOut(principal)
        policyLists?.signedOut(principal)
        callers.scopedTokens.revokeAll(ofUser: principal.userID)
        let living = callers.scopedTokens.living(at: now())
        tokenFiles.removeScoped { !living.contains($0) }
        cache.principalChanged(principal, dropping: true, now: now())
        // Here everything is forgotten by now, whatever the provider answers.
        return .json(200, await revoked(refreshToken))
    }

    func idToken(of principal: Principal) async -> ControlResponse {
        guard await !signIns.isLocked(principal) else {
            return .failure(423, "Locked", "The daemon is locked for this user; run: stsbroker unlock")
        }
        do throws(SignInError) {
            let token = try await signIns.idToken(for: principal)
            return .json(200, IDTokenAnswer(idToken: token.revealed()))
        } catch .signInRequired {
            return .failure(401, "SignInRequired", "Nobody is signed in; run: stsbroker login")
        } catch .unusableTokenFile(let sentence) {
            return .failure(503, "IdentityUnusable", sentence)
        } catch {
            return .failure(503, "IdentityProviderUnavailable", "The sign-in can't be refreshed: \(error).")
        }
    }

    private func revoked(_ refreshToken: Secret?) async -> SignOutAnswer {
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
