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
        guard var path = PercentEncoding.decoded(Self.withoutQuery(target)) else { return nil }
        guard let found = path.withUTF8({ Self.meaning(of: $0) }) else { return nil }
        func part(_ range: Range<Int>) -> Substring {
            let start = path.utf8.index(path.startIndex, offsetBy: range.lowerBound)
            return path[start..<path.utf8.index(start, offsetBy: range.count)]
        }
        switch found {
        case .versions: self = .versions
        case .token: self = .token
        case .tokenElsewhere: self = .tokenElsewhere
        case .roleList: self = .roleList
        case .credentials(let range, let isExtended): self = .credentials(role: part(range), isExtended: isExtended)
        case .tree(let range): self = .tree(part(range))
        }
    }

    private static func withoutQuery(_ target: String) -> Substring {
        let end = target.utf8.withContiguousStorageIfAvailable { bytes in
            bytes.firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") } ?? bytes.count
        }
        return end.map { target[..<target.utf8.index(target.startIndex, offsetBy: $0)] }
            ?? target.prefix { $0 != "?" && $0 != "#" }
    }

    /// The same by byte offsets in the path: this is asked for each request, and byte by byte it takes a tenth of the time.
    private enum Meaning {
        case versions, token, tokenElsewhere, roleList
        case credentials(role: Range<Int>, isExtended: Bool)
        case tree(Range<Int>)
    }

    private static func meaning(of path: UnsafeBufferPointer<UInt8>) -> Meaning? {
        let slash = UInt8(ascii: "/")
        // `//latest/…` comes from clients whose endpoint setting ends in a slash.
        guard let start = path.firstIndex(where: { $0 != slash }) else { return .versions }
        let versionEnd = path[start...].firstIndex(of: slash) ?? path.count
        let version = Slice(base: path, bounds: start..<versionEnd)
        guard isVersion(version) else { return nil }
        let below = min(versionEnd + 1, path.count)..<path.count
        let hasSlashBehind = !below.isEmpty && path[below.upperBound - 1] == slash
        let rest = Slice(base: path, bounds: below.lowerBound..<below.upperBound - (hasSlashBehind ? 1 : 0))
        if rest.equals("api/token") {
            return version.equals("latest") && !hasSlashBehind ? .token : .tokenElsewhere
        }
        for (directory, isExtended) in [(plain, false), (extended, true)] where rest.hasPrefix(directory) {
            let end = rest.startIndex + directory.utf8CodeUnitCount
            if end == rest.endIndex { return .roleList }
            if rest[end] == slash { return .credentials(role: end + 1..<rest.endIndex, isExtended: isExtended) }
        }
        return .tree(rest.startIndex..<rest.endIndex)
    }

    private static let plain: StaticString = "meta-data/iam/security-credentials"
    private static let extended: StaticString = "meta-data/iam/security-credentials-extended"

    /// `latest`, `1.0` or a date.
    private static func isVersion(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        if text.equals("latest") || text.equals("1.0") { return true }
        guard text.count == 10 else { return false }
        return text.indices.allSatisfy { index in
            let place = index - text.startIndex
            return place == 4 || place == 7
                ? text[index] == UInt8(ascii: "-") : (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[index])
        }
    }
}

extension Slice<UnsafeBufferPointer<UInt8>> {
    fileprivate func equals(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && hasPrefix(text)
    }

    fileprivate func hasPrefix(_ text: StaticString) -> Bool {
        guard count >= text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { text in text.indices.allSatisfy { self[startIndex + $0] == text[$0] } }
    }
}
