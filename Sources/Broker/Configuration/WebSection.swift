import FoundationEssentials
import OIDC
import StrictYAML

/// `web:` the pages for browsers. Without it there are none, and notices carry no link.
package struct WebSection: Decodable, Sendable {
    let origin: String
    /// `nil`: the only one.
    let issuer: String?
    let clientID: String
    /// Relative to the configuration file; `nil` for a public client.
    let clientSecretFile: String?
    let scopes: [String]
    let session: Duration

    private struct Fields: Decodable {
        let url: String
        let issuer: String?
        let clientID: String
        let clientSecretFile: String?
        let scopes: [String]?
        let session: ConfiguredDuration?

        enum CodingKeys: String, CodingKey {
            case url, issuer, scopes, session
            case clientID = "client_id"
            case clientSecretFile = "client_secret_file"
        }
    }

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(from: decoder)
        guard let origin = Self.origin(fields.url) else {
            throw decoder.refusal(
                "must have as \"url\" what browsers call the broker, like https://broker.example.com, without a path; "
                    + "http is for loopback only")
        }
        self.origin = origin
        issuer = fields.issuer
        guard !fields.clientID.isEmpty else { throw decoder.refusal("must have a \"client_id\"") }
        clientID = fields.clientID
        clientSecretFile = fields.clientSecretFile
        scopes = fields.scopes ?? ["openid", "profile", "email"]
        guard scopes.contains("openid") else { throw decoder.refusal("must have openid among its \"scopes\"") }
        session = fields.session?.duration ?? .seconds(3600)
        guard (.seconds(300) ... .seconds(43_200)).contains(session) else {
            throw decoder.refusal("must have a \"session\" of 5m to 12h")
        }
    }

    /// Scheme, host and port as browsers write them in `Origin` (RFC 6454 section 6.2); `nil` for anything that has more.
    private static func origin(_ text: String) -> String? {
        let address = text.hasSuffix("/") ? String(text.dropLast()) : text
        guard SecureURL.isAcceptable(address), let parts = URLComponents(string: address), parts.query == nil,
            parts.path.isEmpty, let scheme = parts.scheme?.lowercased(),
            let host = parts.percentEncodedHost?.lowercased()
        else { return nil }
        let port = parts.port.flatMap { $0 == (scheme == "https" ? 443 : 80) ? nil : ":\($0)" } ?? ""
        return "\(scheme)://\(host)\(port)"
    }
}
