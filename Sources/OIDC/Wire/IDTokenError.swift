/// Why an ID token was not accepted. ``keysUnavailable(_:)`` is a passing failure (503); every other case is about the
/// token itself (401). Texts from the token are shortened and printable; the token itself is never in them.
package enum IDTokenError: Error, Sendable, Equatable {
    /// Not a JWT of the form that is accepted; the text says what is wrong.
    case malformed(String)
    case unknownIssuer(String)
    /// The header's `alg` is not allowed for the issuer, or doesn't fit the key that it names.
    case algorithmNotAllowed(String)
    /// The provider has no usable signing key of that id.
    case unknownKey(String)
    case badSignature
    case wrongAudience
    case expired
    case notYetValid
    case wrongTokenUse
    /// The claim is missing or has the wrong type.
    case missingClaim(String)
    /// The provider's keys could not be fetched: try again later.
    case keysUnavailable(String)
}

extension IDTokenError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformed(let reason): "the ID token is malformed: \(reason)"
        case .unknownIssuer(let issuer): "the ID token's issuer \"\(issuer)\" is not trusted here"
        case .algorithmNotAllowed(let name): "the ID token's algorithm \"\(name)\" is not allowed"
        case .unknownKey(let id): "the ID token's issuer has no usable key \"\(id)\""
        case .badSignature: "the ID token's signature is wrong"
        case .wrongAudience: "the ID token is for another audience"
        case .expired: "the ID token has expired; sign in again"
        case .notYetValid: "the ID token is not valid yet; check the clocks"
        case .wrongTokenUse: "the token is not an ID token"
        case .missingClaim(let name): "the ID token has no usable claim \"\(name)\""
        case .keysUnavailable(let reason): "the issuer's keys could not be fetched: \(reason)"
        }
    }
}
