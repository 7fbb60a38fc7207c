import AccessControl
import Credentials
import Crypto
import FoundationEssentials
import OIDC

/// Keeps a sign-in in the browser that has begun it, sealed, while the browser is at the identity provider. So nothing is kept for
/// those who begin and don't come back, and nobody finishes in another's browser what they have begun in theirs.
package struct SignInSeal: Sendable {
    /// People look for their second factor; a forgotten tab starts anew.
    static let patience: TimeInterval = 600

    /// What is sealed.
    struct Contents: Sendable {
        let secrets: AuthorizationSecrets
        /// What is shown afterwards; `nil` for the list.
        let request: RequestID?
    }

    private let key: SymmetricKey

    /// With a key of its own: what another process has sealed is foreign.
    package init() {
        key = SymmetricKey(size: .bits256)
    }

    /// In base64url; `nil` if it can't be sealed.
    func seal(_ contents: Contents, at now: Date) -> String? {
        let instant = Int64(exactly: now.timeIntervalSince1970.rounded(.down)) ?? 0
        let text = "\(instant) \(contents.secrets.revealed()) \(contents.request?.description ?? "")"
        return (try? AES.GCM.seal(Data(text.utf8), using: key).combined).map { Base64URL.text($0) }
    }

    /// `nil` for what isn't ours, or is too old.
    func open(_ sealed: String, at now: Date) -> Contents? {
        guard let bytes = Base64URL.bytes(sealed.utf8), let box = try? AES.GCM.SealedBox(combined: bytes),
            let data = try? AES.GCM.open(box, using: key)
        else { return nil }
        let parts = String(decoding: data, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, let began = Double(parts[0]),
            (0...Self.patience).contains(now.timeIntervalSince1970.rounded(.down) - began),
            let secrets = AuthorizationSecrets(revealed: parts[1])
        else { return nil }
        return Contents(secrets: secrets, request: RequestID(String(parts[2])))
    }
}
