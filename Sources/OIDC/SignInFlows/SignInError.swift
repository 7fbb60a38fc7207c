/// Why a sign-in step gave no tokens, by what the caller can do about it. Texts from the provider are shortened and
/// printable; no case carries a token.
package enum SignInError: Error, Sendable, Equatable {
    /// The refresh token or code is spent, expired or revoked (`invalid_grant`, `expired_token`): a person must sign in.
    case signInRequired
    /// The person or the provider said no (`access_denied`).
    case denied(String)
    /// The provider refuses this client or request (`invalid_client`, `invalid_scope`, …): mend the configuration.
    case refused(String)
    /// A passing failure: network, time-out, 5xx, too many requests. Try again later.
    case unavailable(String)
    /// The provider answered with something that is not what the protocol says.
    case invalidAnswer(String)
    /// The answer is good, but not this request's: another sign-in's (its nonce) or another issuer's.
    case foreignAnswer(String)
    /// The redirect's `state` is not this request's: not an answer to it. Keep waiting for the real one.
    case stateMismatch
    /// Nobody finished the sign-in in time.
    case timedOut
    /// The file with a workload's token has none that can be used: a whole sentence that names the file and the next step.
    case unusableTokenFile(String)
    /// The machine does not let us listen for the redirect.
    case cannotListen(String)
}

extension SignInError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .signInRequired: "the sign-in has ended; run: stsbroker login"
        case .denied(let reason): "the sign-in was denied: \(reason); to try again, run: stsbroker login"
        case .refused(let reason): "the identity provider refuses this client: \(reason); check the configuration"
        case .unavailable(let reason): "the identity provider is not available: \(reason); try again shortly"
        case .invalidAnswer(let reason):
            "the identity provider gave an answer that cannot be used: \(reason); ask its operator"
        case .foreignAnswer(let reason):
            "the answer does not belong to this sign-in: \(reason); to try again, run: stsbroker login"
        case .stateMismatch: "the redirect does not belong to this sign-in; run: stsbroker login"
        case .timedOut: "nobody finished the sign-in in time; run: stsbroker login"
        case .unusableTokenFile(let sentence): sentence
        case .cannotListen(let reason):
            "cannot listen for the redirect of the sign-in: \(reason); name another --port, or run: stsbroker login --device"
        }
    }
}
