import AsyncHTTPClient
import Credentials
import FoundationEssentials
import HTTPExchange
import Logging
import NIOCore
import NIOHTTP1

extension STSClient {
    /// Sends one signed request and reads the whole answer, or fails by what the caller can do about it.
    func answer(to call: STSCall) async throws(STSError) -> XMLElement {
        let endpoint = try self.endpoint.get()
        let request = request(for: call, endpoint: endpoint, key: try await currentKey())
        let exchange = try await exchange(request)
        logger.debug(
            "sts answered",
            metadata: [
                "action": "\(call.action)", "status": "\(exchange.status)",
                "aws_request_id": "\(Excerpt.line(exchange.requestID ?? "none", limit: 64))",
            ])
        return try STSAnswer.document(in: exchange)
    }

    private func currentKey() async throws(STSError) -> AWSAccessKey {
        do {
            return try await accessKey()
        } catch let error as STSError {
            throw error
        } catch {
            throw .keysUnavailable("its source failed with \(type(of: error))")
        }
    }

    private func request(for call: STSCall, endpoint: STSEndpoint, key: AWSAccessKey) -> HTTPClientRequest {
        let body = call.body
        let contentType = (name: "Content-Type", value: "application/x-www-form-urlencoded; charset=utf-8")
        let unsigned = SigV4Request(
            method: "POST", host: endpoint.host, path: endpoint.path, headers: [contentType], body: Array(body.utf8))
        var request = HTTPClientRequest(url: endpoint.url)
        request.method = .POST
        request.headers.add(name: "Host", value: endpoint.host)
        request.headers.add(name: contentType.name, value: contentType.value)
        for header in SigV4Signer(service: "sts", region: region, key: key).sign(unsigned, at: now()) {
            request.headers.add(name: header.name, value: header.value)
        }
        request.body = .bytes(ByteBuffer(string: body))
        return request
    }

    private func exchange(_ request: HTTPClientRequest) async throws(STSError) -> STSAnswer.Exchange {
        let exchange = HTTPExchange(
            http: http, timeout: timeout, maximumAnswerBytes: Self.maximumAnswerBytes, clock: clock)
        do throws(HTTPExchangeFailure) {
            let answer = try await exchange.answer(to: request)
            return STSAnswer.Exchange(
                status: answer.status,
                retryAfter: answer.headers.first(name: "Retry-After"),
                requestID: answer.headers.first(name: "x-amzn-RequestId"),
                body: answer.body)
        } catch {
            throw .unavailable(error.reason)
        }
    }
}
