import Crypto

/// Proof Key for Code Exchange, method S256 (RFC 7636).
package enum CodeVerifier {
    /// The challenge of a verifier: its SHA-256 in base64url.
    package static func challenge(of verifier: String) -> String {
        RandomText.base64URL(SHA256.hash(data: Array(verifier.utf8)))
    }

    /// 43 to 128 unreserved characters (RFC 7636 section 4.1) whose hash is the challenge.
    static func isValid(_ verifier: String, for challenge: String) -> Bool {
        (43...128).contains(verifier.utf8.count) && verifier.utf8.allSatisfy(isUnreserved)
            && Self.challenge(of: verifier) == challenge
    }

    static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
