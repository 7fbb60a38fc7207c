import AccessControl
import Credentials
import Crypto
import OIDC

/// Names a session without opening it: the SHA-256 of the key in the browser's cookie.
struct WebSessionID: Sendable, Hashable {
    let text: String

    init(ofKey key: String) {
        text = hexadecimal(SHA256.hash(data: Array(key.utf8)))
    }
}

/// Text that nobody guesses.
enum RandomText {
    static func base64URL(bytes count: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        return Base64URL.text((0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }
}
