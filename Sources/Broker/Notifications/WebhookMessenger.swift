import AccessControl
package import AsyncHTTPClient
package import Credentials
import Crypto
import FoundationEssentials
import HTTPExchange
import NIOCore
import NIOHTTP1

/// POSTs notices as JSON, signed as the Standard Webhooks specification says: `webhook-signature: v1,BASE64` is an HMAC-SHA256
/// over `ID.TIMESTAMP.BODY`.
package struct WebhookMessenger: Messenger {
    private let url: String
    private let key: Secret
    private let exchange: HTTPExchange

    package init(url: String, key: Secret, http: HTTPClient, timeout: Duration = .seconds(10)) {
        self.url = url
        self.key = key
        exchange = HTTPExchange(http: http, timeout: timeout, maximumAnswerBytes: 64 * 1024)
    }

    package func send(_ message: OutgoingNotice) async throws(DeliveryFailure) {
        guard let body = try? JSONAnswer.bytes(WebhookEvent(message.addressed.notice)) else {
            throw DeliveryFailure("it can't be written as JSON")
        }
        let timestamp = String(Int64(message.sentAt))
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "webhook-id", value: message.addressed.id)
        request.headers.add(name: "webhook-timestamp", value: timestamp)
        request.headers.add(
            name: "webhook-signature",
            value: Self.signature(of: body, id: message.addressed.id, timestamp: timestamp, key: key))
        request.headers.add(name: "Idempotency-Key", value: message.addressed.id)
        request.body = .bytes(body)
        try await exchange.deliver(request)
    }

    static func signature(of body: [UInt8], id: String, timestamp: String, key: Secret) -> String {
        let signed = Array("\(id).\(timestamp).".utf8) + body
        let code = key.withBytes { HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: $0)) }
        return "v1," + Data(code).base64EncodedString()
    }

}

/// What a webhook gets.
private struct WebhookEvent: Encodable {
    let type: String
    let timestamp: String
    let data: Fields

    struct Fields: Encodable {
        let requestID: String
        let user: String
        let policy: String
        let durationSeconds: Int
        let reason: String?
        let actor: String?
        let comment: String?

        enum CodingKeys: String, CodingKey {
            case user, policy, reason, actor, comment
            case requestID = "request_id"
            case durationSeconds = "duration_seconds"
        }
    }

    init(_ notice: Notice) {
        type = "request.\(notice.kind.rawValue)"
        timestamp = AWSTimestamp.text(notice.at)
        data = Fields(
            requestID: notice.requestID.description, user: notice.user, policy: notice.policyID,
            durationSeconds: notice.durationSeconds, reason: notice.reason, actor: notice.actor,
            comment: notice.comment)
    }
}

extension HTTPExchange {
    /// Any 2xx is a delivery.
    func deliver(_ request: HTTPClientRequest) async throws(DeliveryFailure) {
        let answer: HTTPAnswer
        do throws(HTTPExchangeFailure) {
            answer = try await self.answer(to: request)
        } catch {
            throw DeliveryFailure(error.reason)
        }
        guard (200..<300).contains(answer.status) else {
            throw DeliveryFailure("it answered with status \(answer.status)", retryAfter: answer.retryAfter)
        }
    }
}
