import CallerIdentity
import CredentialCache
import Credentials
import DaemonAPI
import FoundationEssentials
import Glibc
import HTTPExchange
import Logging
import MetadataServer
import OIDC

/// What the control socket offers, apart from HTTP: from (method, path, body, uid) to an answer.
package struct ControlService: Sendable {
    private let current: CurrentSettings
    let callers: CallerState
    let signIns: SignInStore
    let cache: CredentialCache
    let tokenFiles: TokenFiles
    /// `nil` if no broker is asked.
    let policyLists: PolicyLists?
    let listeners: @Sendable () -> [ListenerStatus]
    /// `nil` if nobody watches.
    private let pages: MonitoringPages?
    /// What callers may write to the log, over all connections.
    let logLines = CallerLogLines()
    let logger: Logger
    let now: @Sendable () -> Date

    init(
        settings: CurrentSettings, callers: CallerState, signIns: SignInStore,
        cache: CredentialCache,
        tokenFiles: TokenFiles, policyLists: PolicyLists? = nil, listeners: @escaping @Sendable () -> [ListenerStatus],
        pages: MonitoringPages? = nil, logger: Logger, now: @escaping @Sendable () -> Date
    ) {
        current = settings
        self.callers = callers
        self.signIns = signIns
        self.cache = cache
        self.tokenFiles = tokenFiles
        self.policyLists = policyLists
        self.listeners = listeners
        self.pages = pages
        self.logger = logger
        self.now = now
    }

    var settings: DaemonSettings { current.value }

    /// Rules about groups are the only ones here for which more than the user must be known: which program asks does not
    /// matter, for it is the command line.
    func detail(for caller: Result<Caller, UnknownCaller>) -> CallerDetail {
        guard case .success(let caller) = caller else { return [] }
        return settings.callerRules.contains { $0.group != nil && $0.user ?? caller.userID == caller.userID }
            ? .groups : []
    }

    func answer(_ request: ControlRequest, from caller: Caller) async -> ControlResponse {
        let user = caller.userID
        if mayWatch(user, request.path), let page = pages?.answer(request) { return page }
        guard settings.callerRules.contains(where: { $0.mayConcern(caller) || $0.principal == .localUser(user) }) else {
            return .failure(403, "CallerNotAllowed", "No rule of stsbrokerd.yaml allows uid \(user); ask its operator.")
        }
        if let page = pages?.answer(request) { return page }
        let principal = Principal.localUser(user)
        switch (request.method, request.path) {
        case ("GET", "/v1/status"): return .json(200, await status(for: caller))
        case ("GET", "/v1/id-token"): return await idToken(of: principal)
        case ("PUT", "/v1/sign-in"): return await signIn(principal, request.body)
        case ("DELETE", "/v1/sign-in"): return await signOut(principal)
        case ("PUT", "/v1/lock"): return await setLocked(true, principal)
        case ("DELETE", "/v1/lock"): return await setLocked(false, principal)
        case ("PUT", "/v1/default-role"): return chooseRole(caller, request.body)
        case ("DELETE", "/v1/default-role"): return forgetChoice(caller)
        case ("POST", "/v1/policies"): return await listPolicies(caller)
        case ("POST", "/v1/tokens"): return issueToken(caller, request.body)
        case ("DELETE", let path) where path.hasPrefix(Self.tokenPath):
            return revokeToken(caller, id: path.dropFirst(Self.tokenPath.count))
        case (_, "/v1/tokens"), (_, "/v1/policies"):
            return .failure(405, "MethodNotAllowed", "This path answers POST only.", allow: "POST")
        case (_, let path) where path.hasPrefix(Self.tokenPath):
            return .failure(405, "MethodNotAllowed", "This path answers DELETE only.", allow: "DELETE")
        case (_, "/v1/status"), (_, "/v1/id-token"):
            return .failure(405, "MethodNotAllowed", "This path answers GET only.", allow: "GET")
        case (_, "/v1/sign-in"), (_, "/v1/default-role"), (_, "/v1/lock"):
            return .failure(405, "MethodNotAllowed", "This path answers PUT and DELETE only.", allow: "PUT, DELETE")
        default: return .failure(404, "NotFound", "The control socket has no such path.")
        }
    }

    /// Whether no rule need name the user for what is at `path`.
    private func mayWatch(_ user: UInt32, _ path: String) -> Bool {
        MonitoringPages.isPublic(path) || user == 0 || user == geteuid()
    }

    private static let tokenPath = "/v1/tokens/"

    private func signIn(_ principal: Principal, _ body: [UInt8]) async -> ControlResponse {
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

    private func signOut(_ principal: Principal) async -> ControlResponse {
        let refreshToken = await signIns.signOut(principal)
        policyLists?.signedOut(principal)
        callers.scopedTokens.revokeAll(ofUser: principal.userID)
        let living = callers.scopedTokens.living(at: now())
        tokenFiles.removeScoped { !living.contains($0) }
        cache.principalChanged(principal, dropping: true, now: now())
        // Here everything is forgotten by now, whatever the provider answers.
        return .json(200, await revoked(refreshToken))
    }

    private func idToken(of principal: Principal) async -> ControlResponse {
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
}
