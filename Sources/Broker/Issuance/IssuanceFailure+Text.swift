import AccessControl

extension IssuanceFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .policyNotFound:
            "There is no policy of this id that your teams may request; list your policies to see which."
        case .policyUnusable(let policy, _):
            "The stored policy \"\(policy)\" cannot be used; ask the broker's operator to repair it."
        case .denied(let reasons, _):
            "Denied: \(reasons.map(\.description).joined(separator: "; ")). Ask the policy's owner."
        case .requirementUnmet(let reasons, _): "Not so: \(reasons.map(\.description).joined(separator: "; "))."
        case .noLongerAutomatic(let reason, _):
            "It was granted ahead, but \(reason) now; sign in again if that helps, or request it anew."
        case .evaluatorUnanswered:
            "The program that decides on this does not answer now, and no person may instead; try again shortly."
        case .decidedAgainst(_, let voter?, .denied):
            "\(voter) denied the request; ask them, or run: stsbroker request"
        case .decidedAgainst(_, _, .approved):
            "The access that was approved has ended; to ask for it again, run: stsbroker request"
        case .decidedAgainst: "The access was revoked; to ask for it again, run: stsbroker request"
        case .limitBroken(let rule, _): "A limit is broken: \(rule)."
        case .grantVoid: "The policy, your teams or your claims have changed since it was granted; request it again."
        case .refusedByAWS(let code, _):
            "AWS refused to let the broker assume the policy's role (\(code)); ask the broker's operator."
        case .awsUnavailable: "AWS STS cannot be reached now; try again shortly."
        case .ownKeyMissing:
            "The broker has no AWS credentials of its own now; try again shortly, or ask the broker's operator."
        case .brokerMisconfigured: "The broker's own AWS access does not work; ask the broker's operator."
        case .recordsUnavailable: "The broker cannot record this now, so nothing was issued; try again shortly."
        case .recordsUnreadable:
            "The broker's records hold something that cannot be used; ask the broker's operator to repair it."
        case .tooManyPending(let count):
            "\(count) of your requests wait for approval; cancel some, or wait for the decisions."
        case .notificationTargetMissing(let what): what.description
        case .stateChanged: "The policy changed while the request was decided; ask again."
        }
    }
}
