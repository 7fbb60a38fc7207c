package import Credentials
import Cryptography
import Synchronization

/// The authorization tokens of the container endpoint: one per user, 256 bits, made from a secret that lives until the second
/// rotation after it was made. What is given out need not be remembered.
package final class ContainerTokens: Sendable {
    private struct Secrets {
        var current = MACKey()
        var previous: MACKey?
        /// By these very secrets, and for which user.
        var verified = VerifiedTokens<UInt32>()
        var generation = 0
    }

    private let secrets = Mutex(Secrets())

    package init() {}

    /// From now on there are new tokens. Those so far stay valid until the next rotation, so that whoever has read one can
    /// still use it; those before them end.
    package func rotate() {
        secrets.withLock { $0 = Secrets(previous: $0.current, generation: $0.generation + 1) }
    }

    /// The text for the user's token file: 43 characters, no newline (botocore refuses one).
    package func token(forUser userID: UInt32) -> Secret {
        let secret = secrets.withLock { $0.current }
        let code = Self.withStatement(userID: userID) { secret.code(for: $0) }
        return Secret(Base64URL.text(code))
    }

    /// Whether `text` is that user's token, in time that does not depend on where it is wrong.
    package func isValid(_ text: String, forUser userID: UInt32) -> Bool {
        if let owner = secrets.withLock({ $0.verified[text] }) { return owner == userID }
        let now = secrets.withLock { $0 }
        let keys = [now.current, now.previous].compactMap(\.self)
        guard keys.contains(where: { Self.isValid(text, forUser: userID, by: $0) }) else { return false }
        secrets.withLock { if $0.generation == now.generation { $0.verified.remember(text, userID) } }
        return true
    }

    private static func isValid(_ text: String, forUser userID: UInt32, by secret: MACKey) -> Bool {
        Base64URL.withBytes(of: text, count: 32) { code in
            withStatement(userID: userID) {
                secret.isValid(code, for: $0)
            }
        } ?? false
    }

    /// What is authenticated: the purpose and whose it is.
    private static func withStatement<Result>(userID: UInt32, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let purpose: StaticString = "container-token"
        return withUnsafeTemporaryAllocation(byteCount: purpose.utf8CodeUnitCount + 4, alignment: 8) { bytes in
            bytes.storeBytes(of: userID.bigEndian, toByteOffset: 0, as: UInt32.self)
            purpose.withUTF8Buffer { UnsafeMutableRawBufferPointer(rebasing: bytes[4...]).copyBytes(from: $0) }
            return body(UnsafeRawBufferPointer(bytes))
        }
    }
}
