/// Why a request has no principal. No case carries the token or what it claims.
package enum AuthenticationFailure: Error, Equatable {
    /// There is no `Authorization` header.
    case noToken
    /// The header is neither `Bearer TOKEN` nor a bare token.
    case malformedHeader
    /// The token doesn't verify. The problem is a stable code, the advice one sentence for the user.
    case refused(problem: String, advice: String)
    /// The identity provider's keys can't be had now, so nobody can tell.
    case keysUnavailable
    /// The token is good, but lacks a usable claim that the broker's configuration asks for.
    case unusableClaim(name: String, problem: String)
    /// The principal asks more often than anybody may; in so many whole seconds it may again.
    case tooOften(retryAfter: Int)
    /// A browser came back from the identity provider, and nobody is signed in.
    case noSignIn(SignInProblem)
}

extension AuthenticationFailure {
    /// The stable code under which audit and logs know the failure.
    package var problem: String {
        switch self {
        case .noToken: "no_token"
        case .malformedHeader: "malformed_header"
        case .refused(let problem, _): problem
        case .keysUnavailable: "keys_unavailable"
        case .unusableClaim: "unusable_claim"
        case .tooOften: "too_often"
        case .noSignIn(let problem): problem.rawValue
        }
    }
}
