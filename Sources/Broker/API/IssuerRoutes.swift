import BrokerAPI
import Hummingbird

/// What AWS fetches of the broker as an OpenID provider (OpenID Connect Discovery 1.0 sections 3 and 4). Needs no token; without
/// `aws.web_identity` there is nothing at these paths.
struct IssuerRoutes: Sendable {
    let issuer: WebIdentityIssuer?

    var routes: [Route] {
        [
            Route(method: .get, path: "/.well-known/openid-configuration") { _ in
                let issuer = try present()
                return JSONAnswer.response(ProviderDocument(issuer: issuer.issuer))
            },
            Route(method: .get, path: "/jwks") { _ in
                JSONAnswer.response(["keys": try present().keys.published])
            },
        ]
    }

    private func present() throws(Problem) -> WebIdentityIssuer {
        guard let issuer else {
            throw Problem(
                ProblemDetails(status: 404, code: .notFound, detail: "This broker is not set up to issue tokens."))
        }
        return issuer
    }
}

/// The members that AWS asks for (IAM User Guide, "Create an OpenID Connect identity provider in IAM", prerequisites).
private struct ProviderDocument: Encodable {
    let issuer: String
    let jwksURI: String
    let claims = ["iss", "sub", "aud", "iat", "exp", "jti"]
    let algorithms = ["RS256"]
    let responseTypes = ["id_token"]
    let subjectTypes = ["public"]

    enum CodingKeys: String, CodingKey {
        case issuer
        case jwksURI = "jwks_uri"
        case claims = "claims_supported"
        case algorithms = "id_token_signing_alg_values_supported"
        case responseTypes = "response_types_supported"
        case subjectTypes = "subject_types_supported"
    }

    init(issuer: String) {
        self.issuer = issuer
        jwksURI = issuer + "/jwks"
    }
}
