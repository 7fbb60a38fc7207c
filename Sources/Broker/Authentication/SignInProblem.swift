import OIDC

/// How a sign-in in a browser has failed. Audit, log and metrics know it by the raw value, a stable code.
package enum SignInProblem: String, Sendable {
    /// The browser has begun none here, or too long ago. What it brought was not looked at.
    case notBegun = "sign_in_not_begun"
    /// The redirect's `state` is not this sign-in's.
    case stateMismatch = "state_mismatch"
    /// The identity provider takes the code for spent, expired or none of its own.
    case codeRefused = "code_refused"
    /// The answer is another sign-in's, or another issuer's.
    case foreignAnswer = "foreign_answer"
    /// The identity provider's answer is not what the protocol says.
    case unusableAnswer = "unusable_answer"
    /// The identity provider refuses the broker, or what it asks for.
    case clientRefused = "client_refused"

    /// `nil` where nobody has failed: the provider is not available, or somebody has changed their mind there.
    init?(_ error: SignInError) {
        switch error {
        case .stateMismatch: self = .stateMismatch
        case .signInRequired: self = .codeRefused
        case .foreignAnswer: self = .foreignAnswer
        case .invalidAnswer: self = .unusableAnswer
        case .refused: self = .clientRefused
        case .denied, .unavailable, .timedOut, .unusableTokenFile, .cannotListen: return nil
        }
    }

    /// Whether the identity provider has been asked. What fails before it, any page of another site can make the browsers of
    /// its readers fail at, as often as it likes: such failures would fill the audit trail, and lock out everybody at
    /// their address. Whatever `state` somebody guesses, only the browser that began the sign-in has its cookie.
    var isAttempt: Bool {
        switch self {
        case .notBegun, .stateMismatch: false
        case .codeRefused, .foreignAnswer, .unusableAnswer, .clientRefused: true
        }
    }

    /// Whether the browser brought something that is no good. What is no attempt isn't; some are the provider's doing, or
    /// the configuration's.
    var isGuess: Bool {
        switch self {
        case .codeRefused, .foreignAnswer: true
        case .notBegun, .stateMismatch, .unusableAnswer, .clientRefused: false
        }
    }

    /// Whether beginning again doesn't help.
    var needsOperator: Bool {
        switch self {
        case .notBegun, .stateMismatch, .codeRefused: false
        case .foreignAnswer, .unusableAnswer, .clientRefused: true
        }
    }

    /// One sentence or two for whoever sits before the browser.
    var advice: String {
        switch self {
        case .notBegun, .stateMismatch:
            "This sign-in was not begun in this browser, or took too long. Begin it again."
        case .codeRefused: "The identity provider says that nobody signed in. Begin it again."
        case .foreignAnswer, .unusableAnswer, .clientRefused:
            "The identity provider and the broker do not agree. Tell the broker's operator."
        }
    }
}

extension SignInError {
    /// For the broker's log: what has happened, without what users of the command line are to do.
    var reason: String {
        switch self {
        case .refused(let reason), .invalidAnswer(let reason), .foreignAnswer(let reason): reason
        case .denied(let reason): "the identity provider says no: \(reason)"
        case .unavailable(let reason): "the identity provider is not available: \(reason)"
        case .signInRequired: "the code is spent, expired or none of the provider's"
        case .stateMismatch: "the redirect's state is not this sign-in's"
        case .timedOut, .unusableTokenFile, .cannotListen: description
        }
    }
}
