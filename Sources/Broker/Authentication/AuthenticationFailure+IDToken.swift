import IDTokens
import OIDC

extension AuthenticationFailure {
    /// Says which class of problem it is; nothing that the token claims is repeated.
    init(_ error: IDTokenError) {
        switch error {
        case .keysUnavailable: self = .keysUnavailable
        case .malformed: self = .refused(problem: "malformed", advice: "The token is not a well-formed ID token.")
        case .unknownIssuer: self = .unknownIssuer
        case .algorithmNotAllowed:
            self = .refused(problem: "algorithm_not_allowed", advice: "The token's algorithm is not allowed here.")
        case .unknownKey:
            self = .refused(
                problem: "unknown_key", advice: "The token names a key that its issuer does not have; sign in again.")
        case .badSignature:
            self = .refused(problem: "bad_signature", advice: "The token's signature is wrong; sign in again.")
        case .wrongAudience:
            self = .refused(
                problem: "wrong_audience", advice: "The token is for another audience; sign in for this broker.")
        case .expired: self = .refused(problem: "expired", advice: "The token has expired; sign in again.")
        case .notYetValid:
            self = .refused(problem: "not_yet_valid", advice: "The token is not valid yet; check the clocks.")
        case .wrongTokenUse:
            self = .refused(problem: "wrong_token_use", advice: "The token is not an ID token; send the ID token.")
        case .missingClaim(let name):
            self = .refused(
                problem: "missing_claim", advice: "The token has no usable claim \"\(Self.printable(name))\".")
        }
    }

    private static func printable(_ name: String) -> String {
        String(name.unicodeScalars.filter { (0x20...0x7E).contains($0.value) }.prefix(64).map(Character.init))
    }
}
