import CredentialCache
import MetadataServer

/// Which roles there are: those of the file, and for callers whose rule says `*`, the policies that the broker lists for their principal.
extension DaemonSettings {
    /// Stands among a caller's roles for all of this file's, and for whatever the broker lists.
    static let everything = "*"

    /// What the key's role means now; `nil` if there is no such role for that principal.
    func role(_ key: CredentialKey) -> OfferedRole? {
        if let role = roles.first(where: { $0.name == key.role }) { return role }
        guard listedPolicies[key.principal]?.contains(key.role) ?? false else { return nil }
        return listedRole(key.role)
    }

    /// What a caller with that principal may have by that rule.
    func roles(by rule: CallerRule, of principal: Principal) -> [OfferedRole] {
        let named = rule.roles.compactMap { name in roles.first { $0.name == name } }
        guard rule.includesPolicies else { return named }
        return named + (listedPolicies[principal] ?? []).sorted().compactMap(listedRole)
    }

    /// The policy under its id; `nil` if a role of the file has that name, or is for that policy, or if it can't be a role's name.
    private func listedRole(_ policy: String) -> OfferedRole? {
        guard Self.isRoleName(policy), !roles.contains(where: { $0.name == policy || $0.policy == policy }) else {
            return nil
        }
        return OfferedRole(name: policy, policy: policy, durationSeconds: nil)
    }

    /// The rules, and what they need to know of the broker's lists.
    var compiledRules: CallerRules {
        let taken = Set(roles.map(\.name) + roles.map(\.policy))
        return CallerRules(callerRules, policies: listedPolicies) { !taken.contains($0) && Self.isRoleName($0) }
    }

    /// Whether some caller may have what is held under `key`.
    func offers(_ key: CredentialKey) -> Bool {
        callerRules.contains { rule in
            rule.mayUse(key.principal)
                && (rule.roles.contains(key.role) || rule.includesPolicies && role(key) != nil)
        }
    }

    /// Whether some caller may have whatever the broker lists for that principal.
    func offersPolicies(of principal: Principal) -> Bool {
        callerRules.contains { $0.includesPolicies && $0.mayUse(principal) }
    }

    /// A role's name is a path segment in URLs: letters, digits and what IAM allows in role names.
    static func isRoleName(_ text: String) -> Bool {
        isName(text, also: "_+=,.@-") && text != "." && text != ".."
    }
}

extension CallerRule {
    /// Whether some caller that it matches may act with the sign-in of that principal.
    fileprivate func mayUse(_ other: Principal) -> Bool {
        if let principal { return principal == other }
        return user.map { .localUser($0) == other } ?? true
    }
}
