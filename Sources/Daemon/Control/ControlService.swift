import CallerIdentity
import CredentialCache
import DaemonAPI
import FoundationEssentials
import Glibc
import Logging
import MetadataServer

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
}
