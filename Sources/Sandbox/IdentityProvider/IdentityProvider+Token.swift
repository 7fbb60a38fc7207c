import HTTPTypes
import Hummingbird

/// `/token`, `/revoke` and `/userinfo`.
extension IdentityProvider {
    func exchange(_ request: Request) async throws -> Response {
        guard request.headers[.authorization] == nil else {
            throw OAuthError(.invalidClient, "clients here are public: send client_id in the body and no secret")
        }
        let form = try await request.form()
        let type = try form.required("grant_type")
        let client = try client(try form.required("client_id"))
        switch type {
        case "authorization_code":
            return try .json(
                await tokens.redeem(
                    code: try form.required("code"), clientID: client.id,
                    redirectURI: try form.required("redirect_uri"), verifier: try form.required("code_verifier")))
        case "refresh_token":
            return try .json(
                await tokens.redeem(refreshToken: try form.required("refresh_token"), clientID: client.id))
        case "urn:ietf:params:oauth:grant-type:device_code":
            return try .json(
                await tokens.poll(deviceCode: try form.required("device_code"), clientID: client.id))
        default:
            throw OAuthError(.unsupportedGrantType, "this grant type is not served")
        }
    }

    func revoke(_ form: FormParameters) async throws -> Response {
        _ = try client(try form.required("client_id"))
        await tokens.revoke(refreshToken: try form.required("token"))
        return Response(status: .ok)
    }

    func userInfo(_ request: Request) async throws -> Response {
        let header = request.headers[.authorization] ?? ""
        guard header.hasPrefix("Bearer ") else { throw OAuthError(.invalidToken, "send an access token") }
        let claims = try await tokens.claims(ofAccessToken: String(header.dropFirst(7)))
        guard let user = SampleUser(rawValue: claims.username ?? "") else {
            throw OAuthError(.invalidToken, "the access token is not valid")
        }
        return try .json(UserInfo(sub: user.subject, email: user.email, emailVerified: true, name: user.name))
    }

    private struct UserInfo: Encodable {
        var sub: String
        var email: String
        var emailVerified: Bool
        var name: String
    }
}
