/// Who may end access early, beside those who decide on it: whoever has it, and administrators. Where the rules allowed
/// it at once, so that nobody decided, also the teams that approve under its policy, whatever their condition says:
/// ending early gives nobody access, and must not fail when it is urgent.
package struct AccessEnders: Sendable {
    private let owner: PrincipalID
    private let teams: Set<String>

    /// - Parameters:
    ///   - owner: whose access it is.
    ///   - policy: under which the rules allowed it at once, as it is now; `nil` if people decided, or it is gone.
    ///   - administrators: the teams whose members may end any access.
    package init(of owner: PrincipalID, allowedAtOnceUnder policy: AccessPolicy?, administrators: Set<String>) {
        self.owner = owner
        teams = administrators.union(policy?.approval?.teams ?? [])
    }

    /// Whether `principal` is one of them.
    package func include(_ principal: Principal) -> Bool {
        principal.id == owner || teams.contains(where: principal.teams.contains)
    }
}
