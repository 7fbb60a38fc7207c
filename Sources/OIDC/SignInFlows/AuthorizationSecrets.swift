import Credentials

/// What one sign-in in the browser must prove when it comes back: the PKCE verifier (RFC 7636), `state` and `nonce`.
package struct AuthorizationSecrets: Sendable, Equatable {
    let verifier: Secret
    let state: Secret
    let nonce: Secret

    package static func random() -> AuthorizationSecrets {
        AuthorizationSecrets(
            verifier: Secret(randomText()), state: Secret(randomText()), nonce: Secret(randomText()))
    }

    private init(verifier: Secret, state: Secret, nonce: Secret) {
        self.verifier = verifier
        self.state = state
        self.nonce = nonce
    }

    /// Reads what ``revealed()`` wrote; `nil` for anything else.
    package init?(revealed text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Secret($0.utf8) }
        guard parts.count == 3, parts.allSatisfy({ $0.count == 43 }) else { return nil }
        self.init(verifier: parts[0], state: parts[1], nonce: parts[2])
    }

    /// One line to keep until the browser comes back, where nobody else reads it.
    package func revealed() -> String {
        "\(verifier.revealed()).\(state.revealed()).\(nonce.revealed())"
    }

    /// 256 random bits in 43 characters (RFC 7636 section 4.1).
    static func randomText() -> String {
        var generator = SystemRandomNumberGenerator()
        return Base64URL.text((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }
}
