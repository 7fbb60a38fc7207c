import AccessControl
import Crypto
import FoundationEssentials

/// Names sessions after users: the role session name and the source identity, which CloudTrail shows.
///
/// A user name that is a session name already (STS AssumeRole, `RoleSessionName`: 2 to 64 of `[\w+=,.@-]`, ASCII) stays
/// as it is. Any other is mapped: each character outside the set becomes `_`, at most 39 characters of that are kept,
/// and `=` with 24 hexadecimal digits of a SHA-256 over issuer and user name follows. A plain name that looks mapped is
/// mapped too, so two users never share a session name, short of a collision of 96 bits of SHA-256.
///
/// User names are unique within an issuer only: with several issuers, every name is mapped.
package struct SessionNaming: Sendable {
    private let mapsEveryName: Bool
    private let namesGrants: Bool

    /// - Parameter namesGrants: whether each grant's sessions have a name of their own, so that IAM can tell them from the
    ///   user's others.
    package init(issuers: Int, namesGrants: Bool = false) {
        mapsEveryName = issuers > 1
        self.namesGrants = namesGrants
    }

    /// The name of the sessions under a grant: the user's, cut to 51 characters, a dot and the first 12 digits of the request's
    /// id; or just the user's.
    func sessionName(under grant: Grant) -> String {
        let user = sessionName(of: grant.userName, issuer: grant.principal.issuer)
        return namesGrants ? String(user.prefix(51)) + Self.suffix(of: grant.requestID) : user
    }

    /// Whether only sessions under that request's grant have this name.
    static func isOfGrant(_ name: String, _ request: RequestID) -> Bool { name.hasSuffix(suffix(of: request)) }

    private static func suffix(of request: RequestID) -> String { "." + request.description.prefix(12) }

    package func sessionName(of userName: String, issuer: String) -> String {
        let isPlain = (2...64).contains(userName.utf8.count) && userName.utf8.allSatisfy(isSessionNameByte)
        if isPlain, !mapsEveryName, !looksMapped(userName) { return userName }
        let readable = userName.unicodeScalars.prefix(39).map { scalar in
            scalar.isASCII && isSessionNameByte(UInt8(truncatingIfNeeded: scalar.value)) ? Character(scalar) : "_"
        }
        var hash = SHA256()
        hash.update(data: Data("\(issuer.utf8.count):\(issuer)\(userName)".utf8))
        return String(readable) + "=" + hexadecimal(hash.finalize().prefix(12))
    }

    private func looksMapped(_ name: String) -> Bool {
        let end = name.utf8.suffix(25)
        return end.count == 25 && end.first == UInt8(ascii: "=")
            && end.dropFirst().allSatisfy("0123456789abcdef".utf8.contains)
    }
}

private func isSessionNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: "_+=,.@-".utf8.contains(byte)
    }
}
