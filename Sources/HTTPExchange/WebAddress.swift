/// An absolute URL with an authority, `SCHEME://[USER@]HOST[:PORT][/PATH][?QUERY][#FRAGMENT]` (RFC 3986), in its parts as they
/// were written.
package struct WebAddress: Sendable, Equatable {
    /// In lower case; empty for `//HOST/…`.
    package let scheme: String
    /// Whether there is anything in front of an `@`.
    package let hasUser: Bool
    /// Never empty; an IPv6 address in its brackets.
    package let host: String
    package let port: Int?
    /// Empty, or begins with a slash.
    package let path: String
    /// Without its question mark.
    package let query: String?
    /// Without its number sign.
    package let fragment: String?

    /// `nil` for anything else, for more than 2,048 bytes, and for characters that RFC 3986 knows only encoded.
    package init?(_ text: String) {
        guard text.utf8.count <= 2_048, text.utf8.allSatisfy(Self.isAllowed) else { return nil }
        var rest = Substring(text)
        guard let scheme = Self.takeScheme(from: &rest) else { return nil }
        self.scheme = scheme
        fragment = Self.cut(&rest, at: "#")
        query = Self.cut(&rest, at: "?")
        path = rest.firstIndex(of: "/").map { String(rest[$0...]) } ?? ""
        var authority = rest.prefix { $0 != "/" }
        if let end = authority.lastIndex(of: "@") {
            authority = authority[authority.index(after: end)...]
            hasUser = true
        } else {
            hasUser = false
        }
        guard let (host, port) = Self.hostAndPort(authority) else { return nil }
        self.host = host
        self.port = port
        // Brackets mean something around an address only.
        guard !(path + (query ?? "") + (fragment ?? "")).utf8.contains(where: { $0 == 0x5B || $0 == 0x5D }) else {
            return nil
        }
    }

    /// What stands in a request's first line: path and query.
    package var target: String {
        (path.isEmpty ? "/" : path) + (query.map { "?" + $0 } ?? "")
    }

    /// What stands in `Host` (RFC 9110 section 7.2).
    package var authority: String {
        host + (port.map { ":\($0)" } ?? "")
    }

    /// Printable ASCII without blank, quotation mark, `<`, `>`, `\`, `^`, grave accent, braces and bar.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x22, 0x3C, 0x3E, 0x5C, 0x5E, 0x60, 0x7B...0x7D: false
        default: (0x21...0x7E).contains(byte)
        }
    }

    private static func takeScheme(from rest: inout Substring) -> String? {
        let scheme = rest.prefix { $0 != ":" && $0 != "/" }
        let isWellFormed = scheme.utf8.enumerated().allSatisfy { place, byte in
            switch byte {
            case 0x41...0x5A, 0x61...0x7A: true
            case 0x30...0x39, 0x2B, 0x2D, 0x2E: place > 0
            default: false
            }
        }
        let mark = scheme.isEmpty ? "//" : "://"
        rest = rest[scheme.endIndex...]
        guard isWellFormed, rest.hasPrefix(mark) else { return nil }
        rest = rest.dropFirst(mark.count)
        return scheme.lowercased()
    }

    /// What is behind the first `mark`, which leaves `rest` with it.
    private static func cut(_ rest: inout Substring, at mark: Character) -> String? {
        guard let place = rest.firstIndex(of: mark) else { return nil }
        defer { rest = rest[..<place] }
        return String(rest[rest.index(after: place)...])
    }

    private static func hostAndPort(_ authority: Substring) -> (String, Int?)? {
        let isBracketed = authority.hasPrefix("[")
        guard let end = isBracketed ? authority.firstIndex(of: "]").map(authority.index(after:)) : authority.endIndex
        else {
            return nil
        }
        let colon = isBracketed ? end : authority.firstIndex(of: ":") ?? end
        let host = authority[..<colon]
        guard isBracketed ? isBracketedAddress(host) : isName(host) else { return nil }
        let port = authority[colon...]
        guard port.isEmpty || port.hasPrefix(":") else { return nil }
        let digits = port.dropFirst()
        if digits.isEmpty { return (String(host), nil) }
        guard digits.utf8.count <= 5, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits),
            (1...65_535).contains(number)
        else { return nil }
        return (String(host), number)
    }

    private static func isName(_ host: Substring) -> Bool {
        !host.isEmpty && !host.utf8.contains { [0x40, 0x5B, 0x5D].contains($0) }
    }

    private static func isBracketedAddress(_ host: Substring) -> Bool {
        let address = host.dropFirst().dropLast()
        return address.contains(":")
            && address.allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
    }
}
