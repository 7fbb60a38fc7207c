import AccessControl
import BrokerAPI
import BrokerStore
import Hummingbird

/// Why something can't be done with a request.
enum ApprovalFailure: Error, Equatable {
    /// There is no such request, or none that this principal may know of.
    case notFound
    case refused(RefusedChange)
    /// The policy is no longer what was asked for.
    case policyChanged
    /// The access would begin outside of the hours that the policy allows.
    case requirementUnmet(DecisionReason)
    /// Others kept changing it.
    case stateChanged
    case records(StoreError)
}

extension Problem {
    init(_ failure: ApprovalFailure) {
        switch failure {
        case .notFound:
            self.init(404, .requestNotFound, "There is no such request that you asked for or may decide on.")
        case .refused(.notYours):
            self.init(403, .accessDenied, "That is for others to do: whoever asked, or the policy's approvers.")
        case .refused(.notPossible(let state)):
            self.init(409, .conflict, "That can't be done with a request that is \(state.rawValue).")
        case .refused(.otherContent):
            self.init(409, .conflict, "The request is not what the content hash stands for; look at it again.")
        case .refused(.alreadyVoted):
            self.init(
                409, .conflict,
                "You have approved this request already, by this account or by another with its e-mail address; "
                    + "while it waits for others, you may still deny it.")
        case .policyChanged:
            self.init(409, .conflict, "The policy has changed since it was asked for, so it must be requested again.")
        case .requirementUnmet(let why): self.init(403, .requirementUnmet, "Not so: \(why).")
        case .stateChanged:
            self.init(503, .temporarilyUnavailable, "Others are changing the request; try again.", [.retryAfter: "1"])
        case .records(.unreadable):
            self.init(500, .internalError, "The broker's records hold something unusable; tell its operator.")
        case .records:
            self.init(
                503, .temporarilyUnavailable, "The broker's records can't be used now; try again shortly.",
                [.retryAfter: "5"])
        }
    }

    private init(_ status: Int, _ code: BrokerErrorCode, _ detail: String, _ headers: HTTPFields = [:]) {
        self.init(ProblemDetails(status: status, code: code, detail: detail), headers: headers)
    }
}
