import AccessControl
package import Credentials
import Crypto
import FoundationEssentials
package import HTTPExchange
import NIOCore
import NIOHTTP1

/// POSTs notices as signed JSON.
package struct WebhookMessenger: Messenger {
    private let post: SignedPost

    package init(url: String, key: Secret, http: HTTPClient, timeout: Duration = .seconds(10)) {
        post = SignedPost(
            url: url, key: key, exchange: HTTPExchange(http: http, timeout: timeout, maximumAnswerBytes: 64 * 1024))
    }

    package func send(_ message: OutgoingNotice) async throws(DeliveryFailure) {
        guard let body = try? JSONAnswer.bytes(WebhookEvent(message.addressed.notice, url: message.link)) else {
            throw DeliveryFailure("it can't be written as JSON")
        }
        let answer: HTTPAnswer
        do throws(HTTPExchangeFailure) {
            answer = try await post.answer(to: body, id: message.addressed.id, sentAt: message.sentAt)
        } catch {
            throw DeliveryFailure(error.reason)
        }
        try DeliveryFailure.check(answer)
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
        let ticket: String?
        let inlinePolicy: String?
        let actor: String?
        let comment: String?
        let url: String?

        enum CodingKeys: String, CodingKey {
            case user, policy, reason, ticket, actor, comment, url
            case inlinePolicy = "inline_policy"
            case requestID = "request_id"
            case durationSeconds = "duration_seconds"
        }
    }

    init(_ notice: Notice, url: String?) {
        type = "request.\(notice.kind.rawValue)"
        timestamp = AWSTimestamp.text(notice.at)
        data = Fields(
            requestID: notice.requestID.description, user: notice.user, policy: notice.policyID,
            durationSeconds: notice.durationSeconds, reason: notice.reason, ticket: notice.ticket,
            inlinePolicy: notice.inlinePolicy, actor: notice.actor, comment: notice.comment, url: url)
    }
}

extension DeliveryFailure {
    /// Any 2xx is a delivery.
    static func check(_ answer: HTTPAnswer) throws(DeliveryFailure) {
        guard (200..<300).contains(answer.status) else {
            throw DeliveryFailure("it answered with status \(answer.status)", retryAfter: answer.retryAfter)
        }
    }
}
