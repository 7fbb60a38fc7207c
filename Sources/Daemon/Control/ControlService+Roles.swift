import CallerIdentity
import Credentials
import DaemonAPI
import FoundationEssentials
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
        guard let call = StrictJSON.decode(ScopedTokenCall.self, from: body),
            ScopedTokens.lifetimes.contains(call.lifetimeSeconds)
        else {
            return .failure(
                400, "InvalidRequest", "The body is not a call for a token: role, lifetime_seconds from 1 to 43200.")
        }
        guard mayHave(caller, call.role) else { return Self.noSuchRole }
        let issued = callers.scopedTokens.issue(
            role: call.role, forUser: caller.userID, lifetime: call.lifetimeSeconds, now: now())
        guard let issued else {
            return .failure(
                429, "TooManyRequests",
                "You have \(ScopedTokens.mostPerUser) tokens that are still good; revoke some, or wait until they end.")
        }
        return .json(
            201,
            ScopedToken(
                id: issued.id, token: issued.token.revealed(), role: call.role,
                expiration: AWSTimestamp.text(issued.expiration)))
    }

    func revokeToken(_ caller: Caller, id: Substring) -> ControlResponse {
        callers.scopedTokens.revoke(id: String(id), ofUser: caller.userID)
            ? .empty(204) : .failure(404, "NotFound", "You have no such token; it may have ended.")
    }

    private func mayHave(_ caller: Caller, _ role: String) -> Bool {
        settings.callerRules.contains { $0.mayConcern(caller) && $0.roles.contains(role) }
    }

    private static var noSuchRole: ControlResponse {
        .failure(404, "RoleNotFound", "No such role is offered to you; run: stsbroker status")
    }
}
