package import CallerIdentity
package import CredentialCache

/// Who may have which roles. The first rule that matches decides; without one, the caller gets nothing.
package struct CallerRules: Sendable {
    private let rules: [CallerRule]
    private let permissions: [CallerPermission]

    package init(_ rules: [CallerRule]) {
        self.rules = rules
        permissions = rules.map(CallerPermission.init)
    }

    /// What `caller` may have at the listener with that name; `nil` for nothing at all.
    package func permission(for caller: Caller, listener: String) -> CallerPermission? {
        rules.firstIndex { $0.matches(caller, listener: listener) }.map { permissions[$0] }
    }
}

/// One line of the caller rules.
package struct CallerRule: Sendable, Equatable {
    /// The local user it is about.
    package let user: UInt32
    /// The names of the listeners it holds at; `nil` means all of them.
    package let listeners: Set<String>?
    /// Whose sign-in is used.
    package let principal: Principal
    /// The names of the roles the caller may have.
    package let roles: [String]
    /// The role that IMDS shows and the container endpoint serves when none is named. With a single role, that one,
    /// unless set. It must be one of `roles`, or it counts as none.
    package let defaultRole: String?

    package init(
        user: UInt32, listeners: Set<String>? = nil, principal: Principal, roles: [String], defaultRole: String? = nil
    ) {
        self.user = user
        self.listeners = listeners
        self.principal = principal
        self.roles = roles
        self.defaultRole = defaultRole
    }

    fileprivate func matches(_ caller: Caller, listener: String) -> Bool {
        caller.userID == user && (listeners?.contains(listener) ?? true)
    }
}

/// What one caller may have: the keys of its roles, ready to be looked up.
package struct CallerPermission: Sendable, Equatable {
    package let keys: [CredentialKey]
    package let defaultKey: CredentialKey?

    fileprivate init(_ rule: CallerRule) {
        keys = rule.roles.map { CredentialKey(principal: rule.principal, role: $0) }
        let defaultRole = rule.defaultRole ?? (rule.roles.count == 1 ? rule.roles.first : nil)
        defaultKey = keys.first { $0.role == defaultRole }
    }

    /// The key of the role with that name, if the caller may have it.
    func key(forRole name: Substring) -> CredentialKey? {
        keys.first { $0.role == name }
    }
}
