package import CredentialCache
import Credentials
import FoundationEssentials
import OIDC
import StrictYAML

/// The ID token of the workload that the daemon acts for, in a file that its issuer's agent replaces before it expires, such as a
/// Kubernetes projected volume. The file is read at each use, so a new token counts at once.
///
/// Links are followed, for a projected volume consists of them. Its content is never part of an error.
package struct WorkloadToken: Sendable {
    /// In bytes; twice the header fields that servers commonly take.
    private static let longest = 16 << 10

    package let path: String
    /// Under which credentials of the workload are held: the daemon's own user, whoever asks.
    package let principal: Principal

    package init(path: String, principal: Principal) {
        self.path = path
        self.principal = principal
    }

    /// What the file holds at `now`. Fails with ``SignInError/unusableTokenFile(_:)``, which names the file and the next step.
    func session(now: Date) throws(SignInError) -> SignInSession {
        let token = try read()
        let session: SignInSession
        do throws(SignInError) {
            session = try SignInSession(idToken: token, refreshToken: nil)
        } catch {
            throw unusable("holds no JWT with sub and exp; check what writes it")
        }
        guard session.expiration > now else {
            let end = AWSTimestamp.text(session.expiration)
            throw unusable("holds a token that expired at \(end); check what renews it")
        }
        return session
    }

    /// Without the line's end that editors and shells leave.
    private func read() throws(SignInError) -> Secret {
        let bytes: [UInt8]
        do throws(InvalidYAML) {
            bytes = try ConfiguredFile.bytes(of: path, longest: Self.longest)
        } catch {
            throw unusable("\(error.message); put the workload's token there")
        }
        let end = bytes.lastIndex { !Self.isSpace($0) }.map { $0 + 1 } ?? 0
        guard end > 0 else { throw unusable("is empty; check what writes it") }
        return Secret(bytes[..<end])
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D }

    private func unusable(_ what: String) -> SignInError {
        .unusableTokenFile("The token file \(path) \(what).")
    }
}
