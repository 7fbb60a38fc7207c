package import CallerIdentity
package import Credentials
import Cryptography
package import FoundationEssentials
import Synchronization

/// Authorization tokens for one program: good for one role of one user, until they expire or are revoked. Only their digests
/// are kept.
package final class ScopedTokens: Sendable {
    /// A program that asks in a loop must not fill the memory.
    package static let mostPerUser = 256
    /// In seconds.
    package static let lifetimes = 1...43_200

    private struct Scope {
        let user: UInt32
        let role: String
        let expiration: Date
        /// With whose end the token ends.
        let process: CallerProcess?

        func isGood(at now: Date) -> Bool { expiration > now && process?.hasEnded != true }
    }

    private let scopes = Mutex<[Digest: Scope]>([:])

    /// A token that was just made.
    package struct Issued: Sendable {
        /// By which it can be revoked; tells nothing about the token.
        package let id: String
        package let token: Secret
        package let expiration: Date
    }

    /// A token of 256 random bits; `nil` if the user has too many that are still good.
    ///
    /// - Parameters:
    ///   - lifetime: in seconds, one of ``lifetimes`` unless there is a process.
    ///   - process: with whose end the token ends.
    package func issue(
        role: String, forUser user: UInt32, lifetime: Int, endingWith process: CallerProcess? = nil, now: Date
    ) -> Issued? {
        let text = Self.prefix + Base64URL.text((0..<32).map { _ in UInt8.random(in: .min ... .max) })
        let digest = Digest(of: text)
        let scope = Scope(
            user: user, role: role, expiration: now.addingTimeInterval(Double(lifetime)), process: process)
        let isKept = scopes.withLock { scopes in
            scopes = scopes.filter { $0.value.isGood(at: now) }
            guard scopes.values.count(where: { $0.user == user }) < Self.mostPerUser else { return false }
            scopes[digest] = scope
            return true
        }
        guard isKept else { return nil }
        return Issued(id: Self.id(of: digest), token: Secret(text), expiration: scope.expiration)
    }

    /// `false` if the user has no such token.
    package func revoke(id: String, ofUser user: UInt32) -> Bool {
        scopes.withLock { scopes in
            guard let (digest, _) = scopes.first(where: { $0.value.user == user && Self.id(of: $0.key) == id }) else {
                return false
            }
            scopes[digest] = nil
            return true
        }
    }

    package func revokeAll(ofUser user: UInt32) {
        scopes.withLock { scopes in scopes = scopes.filter { $0.value.user != user } }
    }

    /// The ids of those that are still good; the others are forgotten.
    package func living(at now: Date) -> Set<String> {
        scopes.withLock { scopes in
            scopes = scopes.filter { $0.value.isGood(at: now) }
            return Set(scopes.keys.map(Self.id))
        }
    }

    /// Whether `text` looks like one of these, good or not.
    static func isScoped(_ text: String) -> Bool { text.hasPrefix(prefix) }

    /// The one role that `text` is good for; `nil` if it isn't that user's, is over, or was revoked. It is found by its
    /// digest, so the time that takes says nothing about the tokens that exist.
    func role(of text: String, user: UInt32, now: Date) -> String? {
        let digest = Digest(of: text)
        guard let scope = scopes.withLock({ $0[digest] }), scope.user == user, scope.isGood(at: now) else {
            return nil
        }
        return scope.role
    }

    private static let prefix = "scoped-"

    private static func id(of digest: Digest) -> String { Base64URL.text(Array(digest.bytes.prefix(12))) }
}
