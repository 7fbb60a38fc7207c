import Glibc

/// The user database (nsswitch.conf(5)), which may ask a directory server and so may block.
package enum UserGroups {
    /// The groups that the user is a member of, the primary one included; none for a user whom the database doesn't know.
    package static func ofUser(_ userID: UInt32) -> Set<UInt32> {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16 * 1024)
        guard getpwuid_r(userID, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return [] }
        // NGROUPS_MAX, and getgrouplist(3) says how many there are if that is not enough.
        var count: CInt = 256
        for _ in 0..<3 {
            var groups = [gid_t](repeating: 0, count: Int(count))
            if getgrouplist(entry.pw_name, entry.pw_gid, &groups, &count) >= 0 { return Set(groups.prefix(Int(count))) }
        }
        return []
    }

    /// The gid of a group's name, or of a number that is one.
    package static func groupID(of name: String) -> UInt32? {
        if let number = UInt32(name) { return number == Caller.noUser ? nil : number }
        guard !name.utf8.contains(0) else { return nil }
        var entry = group()
        var found: UnsafeMutablePointer<group>?
        var buffer = [CChar](repeating: 0, count: 256 * 1024)
        guard getgrnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return entry.gr_gid
    }
}
