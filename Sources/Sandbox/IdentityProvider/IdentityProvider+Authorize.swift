import HTTPTypes
import Hummingbird

/// `/authorize`: show the page, then send the browser back with a code.
extension IdentityProvider {
    func askWho(_ parameters: FormParameters) async throws -> Response {
        do throws(AuthorizationRequest.Refusal) {
            let request = try AuthorizationRequest(parameters, clients: clients)
            return .page(
                SignInPage.pickUser(clientID: request.clientID, action: "/authorize", fields: request.fields))
        } catch {
            return refuse(error)
        }
    }

    func sendBack(_ parameters: FormParameters) async throws -> Response {
        do throws(AuthorizationRequest.Refusal) {
            let request = try AuthorizationRequest(parameters, clients: clients)
            guard let picked = try? parameters.optional("user") else {
                throw .redirect(
                    OAuthError(.accessDenied, "the sign-in was refused"), redirectURI: request.redirectURI,
                    state: request.state)
            }
            guard let user = SampleUser(rawValue: picked) else {
                throw .page("There is no sample user '\(picked)'.")
            }
            let code = await tokens.makeCode(for: request, user: user)
            return redirect(to: request.redirectURI, [.init(name: "code", value: code)], state: request.state)
        } catch {
            return refuse(error)
        }
    }

    private func refuse(_ refusal: AuthorizationRequest.Refusal) -> Response {
        switch refusal {
        case .page(let text):
            return .page(SignInPage.message(title: "Sign-in refused", text: text), status: .badRequest)
        case .redirect(let error, let redirectURI, let state):
            let fields: [FormParameters.Field] = [
                .init(name: "error", value: error.code.rawValue),
                .init(name: "error_description", value: error.description),
            ]
            return redirect(to: redirectURI, fields, state: state)
        }
    }

    /// Adds `state` as it came and `iss` (RFC 9207) to an answer in the redirect address.
    private func redirect(to address: String, _ fields: [FormParameters.Field], state: String?) -> Response {
        var fields = fields
        if let state { fields.append(.init(name: "state", value: state)) }
        fields.append(.init(name: "iss", value: tokens.settings.issuer))
        let separator = address.contains("?") ? "&" : "?"
        return .redirect(to: address + separator + FormParameters(fields: fields).encoded)
    }
}
