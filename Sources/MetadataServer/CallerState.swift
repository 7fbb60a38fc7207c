import Synchronization

/// What the daemon remembers of its callers, until it ends.
package struct CallerState: Sendable {
    package let containerTokens: ContainerTokens
    package let scopedTokens: ScopedTokens
    package let roleChoices: RoleChoices
    package let recentCallers: RecentCallers

    package init() {
        containerTokens = ContainerTokens()
        scopedTokens = ScopedTokens()
        roleChoices = RoleChoices()
        recentCallers = RecentCallers()
    }
}

/// The role that a user wants where none is named, in place of the default of the rules.
package final class RoleChoices: Sendable {
    private let roles = Mutex<[UInt32: String]>([:])

    /// `nil` goes back to the default of the rules.
    package func choose(_ role: String?, forUser user: UInt32) {
        roles.withLock { $0[user] = role }
    }

    package func role(ofUser user: UInt32) -> String? {
        roles.withLock { $0[user] }
    }
}
