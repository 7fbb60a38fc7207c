import CallerIdentity
import CredentialCache
import Credentials
import DaemonAPI
import HTTPExchange
import MetadataServer

/// What users choose for themselves: a default role, and tokens for single programs.
extension ControlService {
    func chooseRole(_ caller: Caller, _ body: [UInt8]) -> ControlResponse {
        guard let choice = StrictJSON.decode(RoleChoice.self, from: body) else {
            return .failure(400, "InvalidRequest", "The body is not a choice: role.")
        }
        guard mayHave(caller, choice.role) else { return Self.noSuchRole }
        callers.roleChoices.choose(choice.role, forUser: caller.userID)
        return .empty(204)
    }

    func forgetChoice(_ caller: Caller) -> ControlResponse {
        callers.roleChoices.choose(nil, forUser: caller.userID)
        return .empty(204)
    }

    func issueToken(_ caller: Caller, _ body: [UInt8]) -> ControlResponse {
        guard let call = StrictJSON.decode(ScopedTokenCall.self, from: body), Self.isAcceptable(call) else {
            return .failure(
                400, "InvalidRequest",
                "The body is not a call for a token: role, lifetime_seconds from 1 to 43200 (2592000 with ends_with_process)."
            )
        }
        guard mayHave(caller, call.role) else { return Self.noSuchRole }
        var process: CallerProcess?
        if call.endsWithProcess == true {
            process = caller.processID.flatMap { CallerProcess(processID: $0) }
            // Whoever has ended may have left the number to another.
            guard process?.userID() == caller.userID else {
                return .failure(
                    409, "ProcessUnknown", "The daemon can't see the calling process; does it run in another container?"
                )
            }
        }
        let issued = callers.scopedTokens.issue(
            role: call.role, forUser: caller.userID, lifetime: call.lifetimeSeconds, endingWith: process, now: now())
        guard let issued else {
            return .failure(
                429, "TooManyRequests",
                "You have \(ScopedTokens.mostPerUser) tokens that are still good; revoke some, or wait until they end.")
        }
        var answer = ScopedToken(
            id: issued.id, token: issued.token.revealed(), role: call.role,
            expiration: AWSTimestamp.text(issued.expiration))
        guard process != nil else { return .json(201, answer) }
        do throws(TokenFileFault) {
            answer.tokenFile = try tokenFiles.writeScoped(issued.token, id: issued.id, forUser: caller.userID)
            return .json(201, answer)
        } catch {
            _ = callers.scopedTokens.revoke(id: issued.id, ofUser: caller.userID)
            return .failure(500, "TokenFileUnwritable", error.description)
        }
    }

    private static func isAcceptable(_ call: ScopedTokenCall) -> Bool {
        ScopedTokens.lifetimes.contains(call.lifetimeSeconds)
            || call.endsWithProcess == true && (1...ScopedTokenCall.longestForProcess).contains(call.lifetimeSeconds)
    }

    func revokeToken(_ caller: Caller, id: Substring) -> ControlResponse {
        guard callers.scopedTokens.revoke(id: String(id), ofUser: caller.userID) else {
            return .failure(404, "NotFound", "You have no such token; it may have ended.")
        }
        tokenFiles.removeScoped { $0 == id }
        return .empty(204)
    }

    /// Asks the broker what it lists for the caller, for whoever wants to see all of it.
    func listPolicies(_ caller: Caller) async -> ControlResponse {
        let rules = settings.callerRules.filter { $0.includesPolicies && $0.mayConcern(caller) }
        do throws(IssueFailure) {
            for principal in Set(rules.map { $0.principal(ofUser: caller.userID) }) {
                try await policyLists?.refresh(principal)
            }
            return .empty(204)
        } catch {
            let failure = error.failure
            let status = failure == .signInRequired ? 401 : failure == .locked ? 423 : 503
            return .failure(status, failure.code, failure.message)
        }
    }

    private func mayHave(_ caller: Caller, _ role: String) -> Bool {
        settings.callerRules.contains { rule in
            rule.mayConcern(caller)
                && settings.roles(by: rule, of: rule.principal(ofUser: caller.userID)).contains { $0.name == role }
        }
    }

    private static var noSuchRole: ControlResponse {
        .failure(404, "RoleNotFound", "No such role is offered to you; run: stsbroker status")
    }
}
