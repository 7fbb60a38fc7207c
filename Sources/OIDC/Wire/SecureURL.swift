import HTTPExchange

/// Which addresses tokens and keys may travel over.
package enum SecureURL {
    /// An absolute `https` URL without user or fragment; `http` is accepted for loopback (RFC 8252 section 8.3 reasons the
    /// same way about redirects).
    package static func isAcceptable(_ text: String) -> Bool {
        guard let address = WebAddress(text), !address.hasUser, address.fragment == nil else { return false }
        switch address.scheme {
        case "https": return true
        case "http": return LoopbackHost.contains(address.host)
        default: return false
        }
    }
}
