import Credentials
import FoundationEssentials
import HTTPExchange
import Logging
import NIOCore
import NIOHTTP1

/// Calls one AWS service over the query protocol. One call is one request: it is not repeated here, and ends within `timeout`.
struct QueryClient: Sendable {
    /// Whole answers of STS, IAM and SNS stay far under this.
    static let maximumAnswerBytes = 64 * 1_024

    let http: HTTPClient
    /// As the credential scope spells it: `sts`, `iam`, `sns`.
    let service: String
    let region: String
    let endpoint: Result<AWSEndpoint, AWSError>
    let logger: Logger
    let timeout: Duration
    let clock: any Clock<Duration>
    let now: @Sendable () -> Date

    /// Sends one request and reads the whole answer, or fails by what the caller can do about it. Without a key it goes unsigned.
    func answer(
        to call: QueryCall, signedBy accessKey: (@Sendable () async throws -> AWSAccessKey)?
    ) async throws(AWSError) -> XMLElement {
        let endpoint = try self.endpoint.get()
        let key: AWSAccessKey? = if let accessKey { try await Self.current(accessKey) } else { nil }
        let exchange = try await exchange(request(for: call, endpoint: endpoint, key: key))
        logger.debug(
            "aws answered",
            metadata: [
                "service": "\(service)", "action": "\(call.action)", "status": "\(exchange.status)",
                "aws_request_id": "\(Excerpt.line(exchange.requestID ?? "none", limit: 64))",
            ])
        return try QueryAnswer.document(in: exchange)
    }

    private static func current(
        _ accessKey: @Sendable () async throws -> AWSAccessKey
    ) async throws(AWSError) -> AWSAccessKey {
        do {
            return try await accessKey()
        } catch let error as AWSError {
            throw error
        } catch {
            throw .keysUnavailable("its source failed with \(type(of: error))")
        }
    }

    private func request(for call: QueryCall, endpoint: AWSEndpoint, key: AWSAccessKey?) -> HTTPClientRequest {
        let body = call.body
        let contentType = (name: "Content-Type", value: "application/x-www-form-urlencoded; charset=utf-8")
        var request = HTTPClientRequest(url: endpoint.url)
        request.method = .POST
        request.headers.add(name: "Host", value: endpoint.host)
        request.headers.add(name: contentType.name, value: contentType.value)
        if let key {
            let unsigned = SigV4Request(
                method: "POST", host: endpoint.host, path: endpoint.path, headers: [contentType],
                body: Array(body.utf8))
            for header in SigV4Signer(service: service, region: region, key: key).sign(unsigned, at: now()) {
                request.headers.add(name: header.name, value: header.value)
            }
        }
        request.body = .bytes(ByteBuffer(string: body))
        return request
    }

    private func exchange(_ request: HTTPClientRequest) async throws(AWSError) -> QueryAnswer.Exchange {
        let exchange = HTTPExchange(
            http: http, timeout: timeout, maximumAnswerBytes: Self.maximumAnswerBytes, clock: clock)
        do throws(HTTPExchangeFailure) {
            let answer = try await exchange.answer(to: request)
            return QueryAnswer.Exchange(
                status: answer.status,
                retryAfter: answer.headers.first(name: "Retry-After"),
                requestID: answer.headers.first(name: "x-amzn-RequestId"),
                body: answer.body)
        } catch {
            throw .unavailable(error.reason)
        }
    }
}
