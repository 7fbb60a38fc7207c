/// The parameters of `/authorize`, checked (RFC 6749 section 4.1.1, RFC 7636 section 4.3, OpenID Connect Core 3.1.2.1).
struct AuthorizationRequest: Sendable {
    var clientID: String
    var redirectURI: String
    var codeChallenge: String
    var scope: String
    var state: String?
    var nonce: String?

    /// Why a request is refused, and whether the client may be told through its redirect address.
    enum Refusal: Error {
        /// The client or its address is unknown: show the person a page, redirect nowhere.
        case page(String)
        case redirect(OAuthError, redirectURI: String, state: String?)
    }

    init(_ parameters: FormParameters, clients: [RegisteredClient]) throws(Refusal) {
        do {
            clientID = try parameters.required("client_id")
            redirectURI = try parameters.required("redirect_uri")
        } catch {
            throw .page("This sign-in link is incomplete: \(error.description).")
        }
        let id = clientID
        guard let client = clients.first(where: { $0.id == id }) else {
            throw .page("No client '\(id)' is registered here.")
        }
        guard client.allows(redirectURI: redirectURI) else {
            throw .page("The client '\(id)' has not registered the redirect address '\(redirectURI)'.")
        }
        let address = redirectURI
        let givenState = try? parameters.optional("state")
        do throws(OAuthError) {
            (codeChallenge, scope, nonce) = try Self.checkedParameters(parameters)
        } catch {
            throw .redirect(error, redirectURI: address, state: givenState)
        }
        state = givenState
    }

    /// What the form on the sign-in page carries on.
    var fields: [FormParameters.Field] {
        var fields: [FormParameters.Field] = [
            .init(name: "response_type", value: "code"), .init(name: "client_id", value: clientID),
            .init(name: "redirect_uri", value: redirectURI), .init(name: "scope", value: scope),
            .init(name: "code_challenge", value: codeChallenge), .init(name: "code_challenge_method", value: "S256"),
        ]
        if let state { fields.append(.init(name: "state", value: state)) }
        if let nonce { fields.append(.init(name: "nonce", value: nonce)) }
        return fields
    }

    private static func checkedParameters(
        _ parameters: FormParameters
    ) throws(OAuthError) -> (challenge: String, scope: String, nonce: String?) {
        do {
            guard try parameters.required("response_type") == "code" else {
                throw OAuthError(.unsupportedResponseType, "only response_type=code is served")
            }
            _ = try parameters.optional("state")
            let challenge = try parameters.required("code_challenge")
            guard try parameters.required("code_challenge_method") == "S256" else {
                throw OAuthError(.invalidRequest, "code_challenge_method must be S256")
            }
            // SHA-256 in base64url is always 43 characters (RFC 7636 section 4.2).
            guard challenge.utf8.count == 43, challenge.utf8.allSatisfy(CodeVerifier.isUnreserved) else {
                throw OAuthError(.invalidRequest, "code_challenge is not 43 characters of base64url")
            }
            if try parameters.optional("prompt") == "none" {
                throw OAuthError(.loginRequired, "somebody has to pick a user")
            }
            let scope = try parameters.required("scope")
            guard scope.split(separator: " ").contains("openid") else {
                throw OAuthError(.invalidScope, "the scope must contain openid")
            }
            return (challenge, scope, try parameters.optional("nonce"))
        } catch let error as OAuthError {
            throw error
        } catch let error as FormParameters.Malformed {
            throw OAuthError(error)
        } catch {
            throw OAuthError(.invalidRequest, "the request could not be read")
        }
    }
}
