/// OpenID Connect Discovery 1.0 section 4.1.
package enum DiscoveryAddress {
    package static func url(of issuer: String) -> String {
        (issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer) + "/.well-known/openid-configuration"
    }
}
