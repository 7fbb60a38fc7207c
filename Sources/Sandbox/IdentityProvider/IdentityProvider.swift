import HTTPTypes
package import Hummingbird
import NIOCore

/// The OpenID provider's HTTP face: one route a line, each endpoint's rules in its own extension.
package struct IdentityProvider: Sendable {
    let tokens: TokenIssuer
    let clients: [RegisteredClient]

    package init(tokens: TokenIssuer, clients: [RegisteredClient] = [.stsbroker, .pages]) {
        self.tokens = tokens
        self.clients = clients
    }

    package func router() -> Router<BasicRequestContext> {
        let router = Router()
        router.get(".well-known/openid-configuration") { _, _ in
            try Response.json(ProviderMetadata(issuer: tokens.settings.issuer))
        }
        router.get("jwks") { _, _ in try Response.json(await tokens.keys.published) }
        router.get("authorize") { request, _ in
            await Self.answering { try await askWho(FormParameters(parsing: request.rawTarget.query)) }
        }
        router.post("authorize") { request, _ in
            await Self.answering { try await sendBack(try await request.form()) }
        }
        router.post("token") { request, _ in await Self.answering { try await exchange(request) } }
        router.post("device_authorization") { request, _ in
            await Self.answering { try await startDevice(try await request.form()) }
        }
        router.get("device") { request, _ in
            await Self.answering { try askForCode(FormParameters(parsing: request.rawTarget.query)) }
        }
        router.post("device") { request, _ in
            await Self.answering { try await decideDevice(try await request.form()) }
        }
        router.post("revoke") { request, _ in await Self.answering { try await revoke(try await request.form()) } }
        router.get("userinfo") { request, _ in await Self.answering { try await userInfo(request) } }
        return router
    }

    func client(_ id: String) throws(OAuthError) -> RegisteredClient {
        guard let client = clients.first(where: { $0.id == id }) else {
            throw OAuthError(.invalidClient, "no client of this name is registered")
        }
        return client
    }

    /// Translates every error an endpoint can throw into an answer. Bad input is a 4xx.
    private static func answering(_ body: () async throws -> Response) async -> Response {
        do {
            do {
                return try await body()
            } catch let error as OAuthError {
                return try error.response()
            } catch let error as FormParameters.Malformed {
                return try OAuthError(error).response()
            } catch let error as HTTPError {
                let refusal = OAuthError(.invalidRequest, error.body ?? "the request could not be read")
                var response = try refusal.response()
                response.status = error.status
                return response
            } catch is NIOTooManyBytesError {
                return try OAuthError(.invalidRequest, "the body is over 64 KiB").response()
            }
        } catch {
            return Response(status: .internalServerError)
        }
    }
}
