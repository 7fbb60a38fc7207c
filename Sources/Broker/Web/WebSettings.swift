import AccessControl
package import Credentials
import IDTokens
import StrictYAML

/// Where the broker's pages are, and as which client of which identity provider their users sign in.
package struct WebSettings: Sendable {
    /// `https://broker.example.com`, without a slash at its end; http on loopback only.
    package let origin: String
    package let issuer: String
    package let clientID: String
    /// `nil` for a public client.
    package let clientSecret: Secret?
    package let scopes: [String]
    /// After so many seconds people sign in again; sooner, if their ID token ends.
    package let sessionSeconds: Int

    package init(
        origin: String, issuer: String, clientID: String, clientSecret: Secret? = nil,
        scopes: [String] = ["openid", "profile", "email"], sessionSeconds: Int = 3600
    ) {
        self.origin = origin
        self.issuer = issuer
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.scopes = scopes
        self.sessionSeconds = sessionSeconds
    }

    /// Fails if the section doesn't fit the issuers, or its secret can't be read; `file` is the name to use in errors.
    init(_ section: WebSection, issuers: IssuerList, relativeTo file: String) throws(InvalidYAML) {
        let named = issuers.trusted.filter { section.issuer == nil || $0.issuer == section.issuer }
        guard named.count == 1, let issuer = named.first else {
            throw Self.invalid(file, "web.issuer must name one of the issuers, as there are several, or none such")
        }
        guard issuer.audiences.contains(section.clientID) else {
            throw Self.invalid(
                file, "web.client_id must be among that issuer's audiences, or the tokens of its sign-ins are refused")
        }
        let secret: Secret? =
            if let path = section.clientSecretFile {
                try SecretFile.read(ServerConfiguration.path(path, relativeTo: file))
            } else { nil }
        self.init(
            origin: section.origin, issuer: issuer.issuer, clientID: section.clientID, clientSecret: secret,
            scopes: section.scopes, sessionSeconds: section.session.wholeSeconds)
    }

    private static func invalid(_ file: String, _ message: String) -> InvalidYAML {
        InvalidYAML(file: file, position: nil, message: message)
    }

    /// Whether cookies may say that they travel by TLS only.
    var isSecure: Bool { origin.hasPrefix("https:") }

    /// What to register at the identity provider.
    package var redirectURI: String { origin + "/sign-in/callback" }
}
