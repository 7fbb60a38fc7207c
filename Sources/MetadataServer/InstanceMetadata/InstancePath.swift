/// What a request target means to the metadata service.
enum InstancePath: Equatable {
    /// `/`
    case versions
    /// `/latest/api/token`, where session tokens are made.
    case token
    /// The same below another version, or with a slash behind, where the real service forbids to make them.
    case tokenElsewhere
    /// `meta-data/iam/security-credentials`, plain or extended: the role's name.
    case roleList
    case credentials(role: Substring, isExtended: Bool)
    /// Anything else below a version, without that and without a trailing slash.
    case tree(Substring)

    /// `nil` if there can be nothing at the target.
    init?(_ target: String) {
        guard let path = Self.decoded(target) else { return nil }
        // `//latest/…` comes from clients whose endpoint setting ends in a slash.
        let trimmed = path.drop { $0 == "/" }
        guard !trimmed.isEmpty else {
            self = .versions
            return
        }
        let version = trimmed.prefix { $0 != "/" }
        guard Self.isVersion(version) else { return nil }
        let below = trimmed[version.endIndex...].dropFirst()
        let rest = below.hasSuffix("/") ? below.dropLast() : below
        switch rest {
        case "api/token": self = version == "latest" && below == "api/token" ? .token : .tokenElsewhere
        case Self.plain, Self.extended: self = .roleList
        default: self = Self.credentials(rest) ?? .tree(rest)
        }
    }

    private static let plain: Substring = "meta-data/iam/security-credentials"
    private static let extended: Substring = "meta-data/iam/security-credentials-extended"

    private static func credentials(_ rest: Substring) -> InstancePath? {
        for (directory, isExtended) in [(plain, false), (extended, true)] {
            guard rest.utf8.starts(with: directory.utf8) else { continue }
            let role = rest.dropFirst(directory.count)
            if role.first == "/" { return .credentials(role: role.dropFirst(), isExtended: isExtended) }
        }
        return nil
    }

    /// `latest`, `1.0` or a date.
    private static func isVersion(_ text: Substring) -> Bool {
        if text == "latest" || text == "1.0" { return true }
        guard text.utf8.count == 10 else { return false }
        return text.utf8.enumerated().allSatisfy { index, byte in
            index == 4 || index == 7 ? byte == UInt8(ascii: "-") : (0x30...0x39).contains(byte)
        }
    }

    /// The path of a target without its query, percent-decoded once.
    private static func decoded(_ target: String) -> Substring? {
        PercentEncoding.decoded(target.prefix { $0 != "?" && $0 != "#" })
    }
}
