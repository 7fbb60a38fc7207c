package import CallerIdentity
package import CredentialCache
import Synchronization

/// Who may have which roles. The first rule that matches decides; without one, the caller gets nothing.
package final class CallerRules: Sendable {
    package let rules: [CallerRule]
    private let policies: [Principal: [String]]
    private let isOffered: @Sendable (String) -> Bool
    /// By rule and user, made when first needed: of most rules only one user makes use.
    private let permissions = Mutex<[PermissionKey: CallerPermission]>([:])

    private struct PermissionKey: Hashable {
        let rule: Int
        let user: UInt32
    }

    /// What any rule asks.
    private let detail: CallerDetail

    /// - Parameters:
    ///   - policies: the ids of those that the broker lists for each principal.
    ///   - isOffered: whether one of these is to be a role; none that has a role's name is.
    package init(
        _ rules: [CallerRule], policies: [Principal: [String]] = [:],
        isOffered: @escaping @Sendable (String) -> Bool = { _ in true }
    ) {
        self.rules = rules
        self.policies = policies
        self.isOffered = isOffered
        detail = rules.reduce(into: []) { $0.formUnion($1.detail) }
    }

    /// What `caller` may have at the listener with that name; `nil` for nothing at all.
    package func permission(for caller: Caller, listener: String) -> CallerPermission? {
        let index = rules.firstIndex { $0.obstacle(for: caller, listener: listener) == nil }
        return index.map { permission(byRule: $0, user: caller.userID) }
    }

    /// What callers from `address`, which is not this machine's, may have at the listener with that name; `nil` for nothing.
    package func permission(for address: IPAddress, listener: String) -> CallerPermission? {
        let index = rules.firstIndex { $0.obstacle(for: address, listener: listener) == nil }
        guard let index, let principal = rules[index].principal else { return nil }
        return permission(byRule: index, user: principal.userID)
    }

    private func permission(byRule index: Int, user: UInt32) -> CallerPermission {
        let key = PermissionKey(rule: index, user: user)
        return permissions.withLock { permissions in
            if let permission = permissions[key] { return permission }
            let rule = rules[index]
            let listed = rule.includesPolicies ? policies[rule.principal(ofUser: user)] : nil
            let permission = CallerPermission(rule, user: user, policies: (listed ?? []).filter(isOffered).sorted())
            permissions[key] = permission
            return permission
        }
    }

    /// Whether as much is known of `caller` as the rules ask; it is not for a connection that is older than a rule.
    func knowEnough(of caller: Caller, listener: String) -> Bool {
        detail.isEmpty || caller.has(detail(for: caller, listener: listener))
    }

    /// What must be known of `caller`, beside the user, before a rule can be chosen at that listener.
    package func detail(for caller: Caller, listener: String) -> CallerDetail {
        guard !detail.isEmpty else { return [] }
        var detail: CallerDetail = []
        for rule in rules where rule.isFor(user: caller.userID) && rule.isFor(listener: listener) {
            detail.formUnion(rule.detail)
        }
        return detail
    }
}

/// What one caller may have: the keys of its roles, ready to be looked up.
package struct CallerPermission: Sendable, Equatable {
    /// Those of the roles that the rule names.
    package let keys: [CredentialKey]
    /// Those of the policies that the broker lists, sorted: there may be thousands.
    package let listedKeys: [CredentialKey]
    package let defaultKey: CredentialKey?
    /// The user whose authorization token counts: the caller's own, or where the caller is elsewhere, the principal's.
    package let tokenOwner: UInt32

    fileprivate init(_ rule: CallerRule, user: UInt32, policies: [String]) {
        let principal = rule.principal(ofUser: user)
        let named = CallerPermission(
            keys: rule.roles.map { CredentialKey(principal: principal, role: $0) },
            listedKeys: policies.map { CredentialKey(principal: principal, role: $0) }, defaultKey: nil,
            tokenOwner: user)
        self = named.preferring(rule.effectiveDefaultRole)
    }

    /// With the role that the user has chosen as the default, if they may have it here.
    func preferring(_ role: String?) -> CallerPermission {
        guard let role, role != defaultKey?.role, let key = key(forRole: role[...]) else { return self }
        return CallerPermission(keys: keys, listedKeys: listedKeys, defaultKey: key, tokenOwner: tokenOwner)
    }

    /// Nothing but that role, if it is there at all.
    func narrowed(to role: String) -> CallerPermission {
        let key = key(forRole: role[...])
        return CallerPermission(
            keys: key.map { [$0] } ?? [], listedKeys: [], defaultKey: key, tokenOwner: tokenOwner)
    }

    private init(
        keys: [CredentialKey], listedKeys: [CredentialKey], defaultKey: CredentialKey?, tokenOwner: UInt32
    ) {
        self.tokenOwner = tokenOwner
        self.keys = keys
        self.listedKeys = listedKeys
        self.defaultKey = defaultKey
    }

    /// The key of the role with that name, if the caller may have it.
    func key(forRole name: Substring) -> CredentialKey? {
        keys.first { $0.role == name } ?? listedKey(forRole: name)
    }

    private func listedKey(forRole name: Substring) -> CredentialKey? {
        var range = listedKeys[...]
        while !range.isEmpty {
            let middle = range.startIndex + range.count / 2
            let key = range[middle]
            if key.role == name { return key }
            range = key.role < name ? range[(middle + 1)...] : range[..<middle]
        }
        return nil
    }
}
