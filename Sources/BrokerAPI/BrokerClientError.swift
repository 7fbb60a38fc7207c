import HTTPExchange

/// Why a call to the broker gave nothing, by what the caller can do about it.
package enum BrokerClientError: Error, Sendable, Equatable {
    /// The request is recorded and somebody has to approve it.
    case approvalNeeded(ApprovalNeeded)
    /// The ID token isn't accepted: sign in again.
    case signInRequired(String)
    /// Final until a person changes something; ``ProblemDetails/code`` says what.
    case refused(ProblemDetails)
    /// Passing: try again, not before `retryAfter`.
    case unavailable(String, retryAfter: Duration?)
    /// Nobody was reached who could have answered: passing, and the same for every call.
    case unreachable(String, retryAfter: Duration?)
    /// Something answered, but not a broker.
    case unusableAnswer(String)

    /// Sorts any answer but 200.
    init(_ answer: HTTPAnswer) {
        let problem = answer.decoded(ProblemDetails.self)
        switch answer.status {
        case 202:
            self =
                answer.decoded(ApprovalNeeded.self).map(Self.approvalNeeded)
                ?? .unusableAnswer("its answer 202 is not understood")
        case 401:
            self = .signInRequired(problem?.detail ?? "The broker does not accept the sign-in.")
        case 502...504 where problem == nil:
            // A proxy's, in front of a broker that isn't there.
            self = .unreachable("it answered with status \(answer.status)", retryAfter: answer.retryAfter)
        case 429, 500...599:
            self = .unavailable(
                problem.map { Excerpt.line($0.detail) } ?? "it answered with status \(answer.status)",
                retryAfter: answer.retryAfter)
        case 400...499:
            self = problem.map(Self.refused) ?? .unusableAnswer("it answered with status \(answer.status)")
        default:
            self = .unusableAnswer("it answered with status \(answer.status)")
        }
    }
}

extension BrokerClientError: CustomStringConvertible {
    /// One sentence for a person.
    package var description: String {
        switch self {
        case .approvalNeeded(let approval): Excerpt.line(approval.message)
        case .signInRequired(let detail): Excerpt.line(detail)
        case .refused(let problem): Excerpt.line(problem.detail)
        case .unavailable(let reason, _), .unreachable(let reason, _): "The broker can't be used now: \(reason)."
        case .unusableAnswer(let reason): "What answers at the broker's address is not the broker: \(reason)."
        }
    }
}
