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

    /// A class, so that a request changes it where it is.
    private final class Callers {
        var latest: [Recent] = []
    }

    private let recent = Mutex<[CredentialKey: Callers]>([:])

    package init() {}

    /// The latest first.
    package func callers(of key: CredentialKey) -> [Recent] {
        recent.withLock { $0[key]?.latest ?? [] }
    }

    func note(_ key: CredentialKey, program: String, listener: String, at now: Date) {
        recent.withLock { recent in
            let callers = recent[key] ?? Callers()
            // Most come from the same program as the one before.
            if let first = callers.latest.first, first.program == program, first.listener == listener {
                callers.latest[0].at = now
                return
            }
            callers.latest.removeAll { $0.program == program && $0.listener == listener }
            callers.latest.insert(Recent(program: program, listener: listener, at: now), at: 0)
            callers.latest = Array(callers.latest.prefix(Self.most))
            recent[key] = callers
        }
    }
}
