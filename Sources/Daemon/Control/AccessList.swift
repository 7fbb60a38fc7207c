import CLinux
import Glibc

/// An access control list (acl(5)) that lets one more user read a file, which its owner may set without being root.
enum AccessList {
    /// The owner reads and writes, `user` reads, all others have nothing. Whether the file system has such lists, and it is set.
    static func letRead(_ file: CInt, user: UInt32) -> Bool {
        // The form of `system.posix_acl_access` (linux/posix_acl_xattr.h): version 2, then tag, permissions and id of each entry.
        var bytes: [UInt8] = little(UInt32(2))
        let entries: [(tag: UInt16, permissions: UInt16, id: UInt32)] = [
            (userObject, 6, none), (namedUser, 4, user), (groupObject, 0, none), (mask, 4, none), (other, 0, none),
        ]
        for entry in entries { bytes += little(entry.tag) + little(entry.permissions) + little(entry.id) }
        return fsetxattr(file, "system.posix_acl_access", bytes, bytes.count, 0) == 0
    }

    private static let userObject: UInt16 = 0x01
    private static let namedUser: UInt16 = 0x02
    private static let groupObject: UInt16 = 0x04
    private static let mask: UInt16 = 0x10
    private static let other: UInt16 = 0x20
    private static let none = UInt32.max

    private static func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }
}
