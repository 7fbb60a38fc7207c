import CallerIdentity
import Glibc

/// The machine's users.
package protocol UserDirectory: Sendable {
    /// The uid of a login name, or of a number that is one; `nil` if there is no such name.
    func userID(of name: String) -> UInt32?

    /// The gid of a group's name, or of a number that is one; `nil` if there is no such name.
    func groupID(of name: String) -> UInt32?
}

/// What getpwnam(3) and getgrnam(3) know, so also users of LDAP and the like.
package struct SystemUsers: UserDirectory {
    package init() {}

    package func userID(of name: String) -> UInt32? {
        // (uid_t) -1 means "no user" to the kernel and must never match anybody.
        if DaemonSettings.isNumber(name) { return UInt32(name).flatMap { $0 == .max ? nil : $0 } }
        guard !name.utf8.contains(0) else { return nil }
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16 * 1024)
        guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return entry.pw_uid
    }

    package func groupID(of name: String) -> UInt32? { UserGroups.groupID(of: name) }
}
