import FoundationEssentials
import HTTPExchange

/// Which addresses tokens and keys may travel over.
package enum SecureURL {
    /// An absolute `https` URL without user or fragment; `http` is accepted for loopback (RFC 8252 section 8.3 reasons the
    /// same way about redirects).
    package static func isAcceptable(_ text: String) -> Bool {
        guard text.utf8.count <= 2_048, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let parts = URLComponents(string: text), let host = parts.percentEncodedHost, !host.isEmpty,
            parts.user == nil, parts.password == nil, parts.fragment == nil
        else { return false }
        switch parts.scheme?.lowercased() {
        case "https": return true
        case "http": return LoopbackHost.contains(host)
        default: return false
        }
    }
}
