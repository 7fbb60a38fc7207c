import AsyncHTTPClient
package import Credentials
import FoundationEssentials
package import HTTPExchange
import NIOCore
import NIOHTTP1

/// Calls the broker on behalf of one ID token at a time.
package struct BrokerClient: Sendable {
    private let exchange: HTTPExchange
    private let baseURL: String

    /// - Parameter baseURL: `https://broker.example`; slashes at its end make no difference.
    package init(exchange: HTTPExchange, baseURL: String) {
        self.exchange = exchange
        self.baseURL = String(baseURL.reversed().drop { $0 == "/" }.reversed())
    }

    /// What the token's owner may ask for.
    package func policies(idToken: Secret) async throws(BrokerClientError) -> PolicyList {
        try await call(request(.GET, "/v1/policies", idToken: idToken), expecting: PolicyList.self)
    }

    /// New credentials.
    package func credentials(
        _ call: CredentialsCall, idToken: Secret
    ) async throws(BrokerClientError) -> IssuedCredentials {
        var request = request(.POST, "/v1/credentials", idToken: idToken)
        guard let body = try? JSONEncoder().encode(call) else { throw .unusableAnswer("the request can't be encoded") }
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: body))
        return try await self.call(request, expecting: IssuedCredentials.self)
    }

    private func request(_ method: HTTPMethod, _ path: String, idToken: Secret) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: baseURL + path)
        request.method = method
        request.headers.add(name: "Authorization", value: "Bearer \(idToken.revealed())")
        request.headers.add(name: "Accept", value: "application/json, application/problem+json")
        return request
    }

    private func call<Value: Decodable>(
        _ request: HTTPClientRequest, expecting type: Value.Type
    ) async throws(BrokerClientError) -> Value {
        let answer: HTTPAnswer
        do throws(HTTPExchangeFailure) {
            answer = try await exchange.answer(to: request)
        } catch {
            throw .unreachable(error.reason, retryAfter: nil)
        }
        guard answer.status == 200 else { throw BrokerClientError(answer) }
        guard let value = answer.decoded(type) else { throw .unusableAnswer("its answer 200 is not understood") }
        return value
    }
}
