import AccessControl
import BrokerAPI
import Credentials
import FoundationEssentials
import Hummingbird

/// The paths of the serverless broker that this one succeeds, for its command line and for scripts written for it.
///
/// Its approve link is not among them: deciding by following a link is what it got wrong.
struct OriginalRoutes: Sendable {
    let authenticator: Authenticator
    let issuance: CredentialIssuance
    let policies: RequestablePolicies
    let links: ConsoleLinks

    var routes: [Route] {
        [
            Route(method: .get, path: "/policies", answer: listPolicies),
            Route(method: .post, path: "/credentials/request", answer: requestPermission),
            Route(method: .get, path: "/credentials", answer: retrieveCredentials),
        ]
    }

    private func listPolicies(_ request: Request) async throws -> Response {
        let principal = try await authenticator.principal(in: request.headers, path: "/policies")
        return JSONAnswer.response(try await policies.list(for: principal).map(OriginalPolicy.init))
    }

    private func requestPermission(_ request: Request) async throws -> Response {
        let principal = try await authenticator.principal(in: request.headers, path: "/credentials/request")
        let call = try await JSONRequest.decode(
            PermissionRequest.self, keys: PermissionRequest.CodingKeys.self, from: request, allowsNoContentType: true)
        _ = try await issuance.request(try call.wish(), by: principal)
        return Response(
            status: .ok, headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: "Permission request made by user \(principal.userName)")))
    }

    private func retrieveCredentials(_ request: Request) async throws -> Response {
        let principal = try await authenticator.principal(in: request.headers, path: "/credentials")
        guard let pickedUp = try await issuance.pickUp(by: principal) else {
            return Response(status: .ok, headers: [.contentType: "text/plain; charset=utf-8"])
        }
        // Without the console, the credentials are still what was asked for; the log says why there is no link.
        let link = try? await links.link(for: pickedUp.credentials)
        return JSONAnswer.response(RetrievedCredentials(pickedUp, signInURL: link))
    }
}
