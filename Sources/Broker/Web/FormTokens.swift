import AccessControl
import Credentials
import Crypto
import FoundationEssentials
import OIDC

/// Makes and checks what a form must carry to be taken: made for one session, one act on one content, for half an hour, and good
/// once. Nothing is kept for a token that is made, so that looking at a page changes nothing.
package struct FormTokens: Sendable {
    static let lifetime: TimeInterval = 1800

    /// What a form does.
    struct Purpose: Sendable, Equatable {
        enum Act: String, Sendable { case decision, cancel, revoke, signOut = "sign-out" }

        let act: Act
        /// Empty where there is none, as is the hash of what is shown.
        let requestID: String
        let contentHash: String

        static let signOut = Purpose(act: .signOut, requestID: "", contentHash: "")

        init(act: Act, requestID: String, contentHash: String) {
            self.act = act
            self.requestID = requestID
            self.contentHash = contentHash
        }

        init(_ act: Act, on approval: ApprovalCase) {
            self.init(act: act, requestID: approval.requestID.description, contentHash: approval.contentHash)
        }
    }

    private let key: SymmetricKey

    /// With a key of its own: what another process has made is foreign.
    package init() {
        key = SymmetricKey(size: .bits256)
    }

    func token(for purpose: Purpose, in session: WebSessionID, at now: Date) -> String {
        let expiry = String(Int64(exactly: (now.timeIntervalSince1970 + Self.lifetime).rounded(.down)) ?? 0)
        let nonce = RandomText.base64URL(bytes: 16)
        let code = HMAC<SHA256>.authenticationCode(
            for: Self.signed(purpose, session, expiry: expiry, nonce: nonce), using: key)
        return "\(expiry).\(nonce).\(Base64URL.text(code))"
    }

    /// The nonce of a token that is genuine and not too old; whether it is used already, the session knows.
    func nonce(of token: String, for purpose: Purpose, in session: WebSessionID, at now: Date) -> String? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let expiry = Double(parts[0]), now.timeIntervalSince1970 < expiry,
            let code = Base64URL.bytes(parts[2].utf8),
            HMAC<SHA256>.isValidAuthenticationCode(
                code, authenticating: Self.signed(purpose, session, expiry: parts[0], nonce: parts[1]), using: key)
        else { return nil }
        return parts[1]
    }

    /// Each field is preceded by its length, so that no two tokens sign the same bytes.
    private static func signed(
        _ purpose: Purpose, _ session: WebSessionID, expiry: String, nonce: String
    ) -> [UInt8] {
        let fields = [purpose.act.rawValue, purpose.requestID, purpose.contentHash, session.text, expiry, nonce]
        return fields.flatMap { Array("\($0.utf8.count):\($0)".utf8) }
    }
}
