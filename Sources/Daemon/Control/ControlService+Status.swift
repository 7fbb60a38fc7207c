import CallerIdentity
import CredentialCache
import Credentials
import DaemonAPI
import FoundationEssentials
import HTTPExchange
import Logging
import MetadataServer
import OIDC

/// What one user is told of the daemon.
extension ControlService {
    /// Before a sign-in's end, how long it is told.
    private static let notice: TimeInterval = 3600

    func status(for caller: Caller) async -> DaemonStatus {
        let principal = signIns.workload?.principal ?? .localUser(caller.userID)
        let session = await signIns.current(principal)
        let tokenFile = tokenFile(ofUser: caller.userID)
        var status = DaemonStatus(
            version: Version.text,
            brokerURL: settings.brokerURL,
            provider: provider(session), signIn: signIn(session),
            listeners: listeners().map { listener in
                var listener = listener
                if listener.face == DaemonConfiguration.Listener.Face.container.rawValue {
                    listener.tokenFile = tokenFile
                }
                return listener
            },
            roles: roles(of: caller))
        status.now = AWSTimestamp.text(now())
        status.isLocked = await signIns.isLocked(principal)
        return status
    }

    /// A workload's is who its token names; nobody signs in there.
    private func provider(_ session: SignInSession?) -> ProviderStatus {
        guard case .people(let issuer, let clientID) = settings.identity else {
            return ProviderStatus(issuer: Excerpt.line(session?.issuer ?? "", limit: 256), clientID: "", scopes: [])
        }
        return ProviderStatus(issuer: issuer, clientID: clientID, scopes: settings.scopes)
    }

    private func signIn(_ session: SignInSession?) -> SignInStatus {
        var status = SignInStatus(
            state: session == nil ? .signInRequired : .signedIn, subject: session?.displayName,
            expiration: session.map { AWSTimestamp.text($0.expiration) })
        status.keySource = signIns.keySource?.rawValue
        status.tokenFile = signIns.workload?.path
        if signIns.workload == nil, let end = session?.end, end.timeIntervalSince(now()) < Self.notice {
            status.endsSoon = AWSTimestamp.text(end)
        }
        return status
    }

    /// Users whom no rule names get their file when they first ask for it.
    private func tokenFile(ofUser user: UInt32) -> String? {
        do throws(TokenFileFault) {
            if !settings.namedUsers.contains(user) { try tokenFiles.ensure(forUser: user) }
            return tokenFiles.path(forUser: user)
        } catch {
            logLines.write(.error, "no token file", countedFor: .user(user), to: logger) {
                ["uid": "\(user)", "reason": "\(error)"]
            }
            return nil
        }
    }

    /// Of all the user's rules, which may be about different listeners; a role is described by the first that has it.
    private func roles(of caller: Caller) -> [RoleStatus] {
        let choice = callers.roleChoices.role(ofUser: caller.userID)
        var statuses: [RoleStatus] = []
        var names: Set<String> = []
        for rule in settings.callerRules where rule.mayConcern(caller) {
            let roles = settings.roles(by: rule, of: rule.principal(ofUser: caller.userID))
            let preferred = choice.flatMap { choice in roles.contains { $0.name == choice } ? choice : nil }
            for role in roles where names.insert(role.name).inserted {
                var status = status(of: role, under: rule, for: caller)
                status.isDefault = role.name == preferred ?? rule.effectiveDefaultRole
                if !rule.roles.contains(role.name) { status.isListed = true }
                statuses.append(status)
            }
        }
        return statuses
    }

    private func status(of role: OfferedRole, under rule: CallerRule, for caller: Caller) -> RoleStatus {
        let principal = rule.principal(ofUser: caller.userID)
        let key = CredentialKey(principal: principal, role: role.name)
        let report = cache.report(on: key, now: now())
        var status = RoleStatus(
            name: role.name, policy: role.policy, isDefault: false,
            state: report.state.rawValue,
            expiration: report.expiration.map(AWSTimestamp.text),
            nextRefresh: report.nextAttempt.map(AWSTimestamp.text),
            lastError: report.failure.map(\.message))
        status.lastAttempt = report.lastAttempt.map(AWSTimestamp.text)
        let recent = callers.recentCallers.callers(of: key)
        if !recent.isEmpty { status.lastCallers = recent.map(Self.caller) }
        return status
    }

    /// What a program calls itself is its own word.
    private static func caller(_ recent: RecentCallers.Recent) -> CallerStatus {
        CallerStatus(
            program: recent.program.isEmpty ? "unnamed" : Excerpt.line(recent.program, limit: 64),
            listener: recent.listener, at: AWSTimestamp.text(recent.at))
    }
}
