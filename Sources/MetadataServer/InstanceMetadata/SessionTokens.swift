import CallerIdentity
import Credentials
import Cryptography
import FoundationEssentials
import Synchronization

/// IMDSv2 session tokens without a memory of them: a token is its own expiry and a MAC over expiry and origin, so a flood of
/// PUTs costs no memory. The secret lives as long as the process; after a restart SDKs get a 401 and fetch a new token.
final class SessionTokens: Sendable {
    /// AWS: 1 second to 6 hours.
    static let lifetimes = 1...21600

    private let secret = MACKey()
    private let verified = Mutex(VerifiedTokens<Finding>())

    private struct Finding {
        let origin: CallerOrigin
        /// In seconds since 1970.
        let expiry: Int64
    }

    /// A token for callers from `origin`, valid for `lifetime` seconds. 54 characters.
    func token(for origin: CallerOrigin, lifetime: Int, now: Date) -> String {
        let expiry = Self.wholeSeconds(now) &+ Int64(lifetime)
        let expiryBytes = withUnsafeBytes(of: expiry.bigEndian, Array.init)
        let code = Self.withStatement(origin: origin, expiry: expiry) {
            secret.code(for: $0)
        }
        return Base64URL.text(expiryBytes + code)
    }

    /// The whole seconds that `token` is still good for, at least one; `nil` if it is not ours, not this origin's, or over.
    func remainingLifetime(of token: String, for origin: CallerOrigin, now: Date) -> Int? {
        let known = verified.withLock { $0[token] }
        guard let finding = known ?? verify(token, for: origin), finding.origin == origin else { return nil }
        let remaining = finding.expiry &- Self.wholeSeconds(now)
        return remaining >= 1 ? Int(remaining) : nil
    }

    private func verify(_ token: String, for origin: CallerOrigin) -> Finding? {
        let expiry: Int64?? = Base64URL.withBytes(of: token, count: 40) { bytes in
            let expiry = Int64(bigEndian: bytes.load(as: Int64.self))
            let code = UnsafeRawBufferPointer(rebasing: bytes[8...])
            let isOurs = Self.withStatement(origin: origin, expiry: expiry) {
                secret.isValid(code, for: $0)
            }
            return isOurs ? expiry : nil
        }
        guard let expiry, let expiry else { return nil }
        let finding = Finding(origin: origin, expiry: expiry)
        verified.withLock { $0.remember(token, finding) }
        return finding
    }

    /// What is authenticated: the purpose, whose it is and until when. `body` computes in constant time.
    private static func withStatement<Result>(
        origin: CallerOrigin, expiry: Int64, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { bytes in
            let (kind, high, low) = origin.words
            bytes.storeBytes(of: expiry.bigEndian, toByteOffset: 0, as: Int64.self)
            bytes.storeBytes(of: purpose, toByteOffset: 8, as: UInt32.self)
            bytes.storeBytes(of: kind.bigEndian, toByteOffset: 12, as: UInt32.self)
            bytes.storeBytes(of: high.bigEndian, toByteOffset: 16, as: UInt64.self)
            bytes.storeBytes(of: low.bigEndian, toByteOffset: 24, as: UInt64.self)
            return body(UnsafeRawBufferPointer(bytes))
        }
    }

    /// Keeps these apart from any other use of a MAC: "IMDS".
    private static let purpose = UInt32(0x494D_4453).bigEndian

    private static func wholeSeconds(_ date: Date) -> Int64 {
        Int64(exactly: date.timeIntervalSince1970.rounded(.down)) ?? 0
    }
}
