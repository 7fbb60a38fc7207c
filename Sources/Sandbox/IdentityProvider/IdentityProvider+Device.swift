import HTTPTypes
import Hummingbird

/// `/device_authorization` and `/device` (RFC 8628).
extension IdentityProvider {
    private struct DeviceAuthorization: Encodable {
        var deviceCode: String
        var userCode: String
        var verificationUri: String
        var verificationUriComplete: String
        var expiresIn: Int
        var interval: Int
    }

    func startDevice(_ form: FormParameters) async throws -> Response {
        let client = try client(try form.required("client_id"))
        let scope = try form.required("scope")
        guard scope.split(separator: " ").contains("openid") else {
            throw OAuthError(.invalidScope, "the scope must contain openid")
        }
        let start = await tokens.beginDeviceSignIn(clientID: client.id, scope: scope)
        let page = tokens.settings.issuer + "/device"
        return try .json(
            DeviceAuthorization(
                deviceCode: start.deviceCode, userCode: start.userCode, verificationUri: page,
                verificationUriComplete: "\(page)?user_code=\(start.userCode)",
                expiresIn: Int(DeviceSignIns.lifetime), interval: DeviceSignIns.interval))
    }

    func askForCode(_ query: FormParameters) throws -> Response {
        .page(SignInPage.enterCode(try query.optional("user_code") ?? ""))
    }

    func decideDevice(_ form: FormParameters) async throws -> Response {
        let code = try form.required("user_code")
        let picked = try form.optional("user")
        let user = picked.flatMap(SampleUser.init(rawValue:))
        guard picked == nil || user != nil else {
            return .page(SignInPage.enterCode(code, problem: "There is no such sample user."), status: .badRequest)
        }
        guard await tokens.decide(userCode: code, user: user) else {
            let problem = "This code is unknown, used or expired."
            return .page(SignInPage.enterCode(code, problem: problem), status: .badRequest)
        }
        let text =
            user.map { "You are signed in as \($0.name). Go back to your terminal." } ?? "The sign-in is refused."
        return .page(SignInPage.message(title: "Done", text: text))
    }
}
