package import CredentialCache
package import FoundationEssentials
import Synchronization

/// Which programs asked for each role lately, for people who wonder.
package final class RecentCallers: Sendable {
    package struct Recent: Sendable, Equatable {
        /// What it calls itself; empty if nothing.
        package let program: String
        package let listener: String
        package fileprivate(set) var at: Date
    }

    /// For each role.
    static let most = 3

    private let recent = Mutex<[CredentialKey: [Recent]]>([:])

    package init() {}

    /// The latest first.
    package func callers(of key: CredentialKey) -> [Recent] {
        recent.withLock { $0[key] ?? [] }
    }

    func note(_ key: CredentialKey, program: String, listener: String, at now: Date) {
        recent.withLock { recent in
            // In place, as each request does this, and most come from the same program as the one before.
            let isKnown = recent[key]?.first.map { $0.program == program && $0.listener == listener } ?? false
            if isKnown {
                recent[key]?[0].at = now
                return
            }
            var callers = recent[key] ?? []
            callers.removeAll { $0.program == program && $0.listener == listener }
            callers.insert(Recent(program: program, listener: listener, at: now), at: 0)
            recent[key] = Array(callers.prefix(Self.most))
        }
    }
}
