package import Credentials
package import HTTPExchange
import NIOCore
import NIOHTTP1

/// Calls the broker on behalf of one ID token at a time.
package struct BrokerClient: Sendable {
    let exchange: HTTPExchange
    private let baseURL: String

    /// - Parameter baseURL: `https://broker.example`; slashes at its end make no difference.
    package init(exchange: HTTPExchange, baseURL: String) {
        self.exchange = exchange
        var url = baseURL[...]
        while url.utf8.last == UInt8(ascii: "/") { url.removeLast() }
        self.baseURL = String(url)
    }

    /// What the token's owner may ask for.
    package func policies(idToken: Secret) async throws(BrokerClientError) -> PolicyList {
        try await call(request(.GET, "/v1/policies", idToken: idToken), expecting: PolicyList.self)
    }

    /// New credentials.
    package func credentials(
        _ call: CredentialsCall, idToken: Secret
    ) async throws(BrokerClientError) -> IssuedCredentials {
        try await self.call(post("/v1/credentials", call, idToken), expecting: IssuedCredentials.self)
    }

    /// New credentials, as a link to the AWS console.
    package func consoleLink(_ call: ConsoleLinkCall, idToken: Secret) async throws(BrokerClientError) -> ConsoleLink {
        try await self.call(post("/v1/console-links", call, idToken), expecting: ConsoleLink.self)
    }

    /// What everybody may know, without a token.
    package func configuration() async throws(BrokerClientError) -> BrokerConfiguration {
        var request = HTTPClientRequest(url: baseURL + "/v1/configuration")
        request.headers.add(name: "Accept", value: "application/json")
        return try await call(request, expecting: BrokerConfiguration.self)
    }

    /// What is at a path that no other method of this type is for.
    package func value<Value: Decodable>(
        at path: String, as type: Value.Type, idToken: Secret
    ) async throws(BrokerClientError) -> Value {
        try await call(request(.GET, path, idToken: idToken), expecting: type)
    }

    /// What is answered to a call that no other method of this type is for.
    package func answer<Value: Decodable>(
        to call: some Encodable, at path: String, as type: Value.Type, idToken: Secret
    ) async throws(BrokerClientError) -> Value {
        try await self.call(post(path, call, idToken), expecting: type)
    }

    /// Asks for access that people may have to decide on.
    package func createRequest(_ call: RequestCall, idToken: Secret) async throws(BrokerClientError) -> RequestSummary {
        try await self.call(post("/v1/requests", call, idToken), expecting: RequestSummary.self)
    }

    /// What the token's owner asked for or, with `toDecide`, may decide on: the first `limit` of them, the newest first. If there
    /// are more, the list says so by its `nextToken`.
    package func requests(
        toDecide: Bool, limit: Int = .max, idToken: Secret
    ) async throws(BrokerClientError) -> RequestList {
        var list = RequestList(requests: [])
        repeat {
            let page = try await page(toDecide: toDecide, limit: limit - list.requests.count, list.nextToken, idToken)
            list.requests += page.requests
            list.nextToken = page.nextToken
        } while list.nextToken != nil && list.requests.count < limit
        return list
    }

    /// - Parameter nextToken: that of the page before.
    private func page(
        toDecide: Bool, limit: Int, _ nextToken: String?, _ idToken: Secret
    ) async throws(BrokerClientError) -> RequestList {
        var path = "/v1/requests?scope=\(toDecide ? "to_decide" : "mine")&limit=\(min(limit, 200))"
        if let nextToken { path += "&next_token=\(nextToken)" }
        return try await call(request(.GET, path, idToken: idToken), expecting: RequestList.self)
    }

    /// One that the token's owner may know of; the answer has more of it than a list.
    ///
    /// - Parameter id: 32 hexadecimal digits.
    package func request(withID id: String, idToken: Secret) async throws(BrokerClientError) -> RequestSummary {
        try await call(request(.GET, "/v1/requests/\(id)", idToken: idToken), expecting: RequestSummary.self)
    }

    /// - Parameter id: 32 hexadecimal digits.
    package func decide(
        _ id: String, _ decision: DecisionCall, idToken: Secret
    ) async throws(BrokerClientError) -> RequestSummary {
        try await call(post("/v1/requests/\(id)/decision", decision, idToken), expecting: RequestSummary.self)
    }

    /// - Parameter verb: `cancel` or `revoke`.
    package func end(
        _ id: String, _ verb: String, comment: String?, idToken: Secret
    ) async throws(BrokerClientError) -> RequestSummary {
        let comment = comment.map { ["comment": $0] } ?? [:]
        return try await call(post("/v1/requests/\(id)/\(verb)", comment, idToken), expecting: RequestSummary.self)
    }

    /// What became of those of the token's owner.
    package func states(of ids: [String], idToken: Secret) async throws(BrokerClientError) -> RequestStates {
        try await call(
            post("/v1/requests/states", StatesCall(requestIDs: ids), idToken), expecting: RequestStates.self)
    }

    private func post(
        _ path: String, _ body: some Encodable, _ idToken: Secret
    ) throws(BrokerClientError) -> HTTPClientRequest {
        var request = request(.POST, path, idToken: idToken)
        guard let body = StrictJSON.encode(body) else { throw .unusableAnswer("the request can't be encoded") }
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: body))
        return request
    }

    func request(_ method: HTTPMethod, _ path: String, idToken: Secret) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: baseURL + path)
        request.method = method
        request.headers.add(name: "Authorization", value: "Bearer \(idToken.revealed())")
        request.headers.add(name: "Accept", value: "application/json, application/problem+json")
        return request
    }

    func call<Value: Decodable>(
        _ request: HTTPClientRequest, expecting type: Value.Type
    ) async throws(BrokerClientError) -> Value {
        let answer: HTTPAnswer
        do throws(HTTPExchangeFailure) {
            answer = try await exchange.answer(to: request)
        } catch {
            throw .unreachable(error.reason, retryAfter: nil)
        }
        guard answer.status == 200 || answer.status == 201 else { throw BrokerClientError(answer) }
        guard let value = answer.decoded(type) else {
            throw .unusableAnswer("its answer \(answer.status) is not understood")
        }
        return value
    }
}
