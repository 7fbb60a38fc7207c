package import AWSAPI
import AccessControl

/// Publishes notices to an SNS topic, whose subscriptions bring them to mailboxes, telephones and programs.
package struct SNSMessenger: Messenger {
    private let topic: SNSClient

    package init(topic: SNSClient) {
        self.topic = topic
    }

    package func send(_ message: OutgoingNotice) async throws(DeliveryFailure) {
        do throws(AWSError) {
            try await topic.publish(SNSMessage(message.addressed, link: message.link))
        } catch .throttled(let delay) {
            throw DeliveryFailure("SNS asks for fewer requests", retryAfter: delay)
        } catch {
            throw DeliveryFailure("\(error)")
        }
    }
}

extension SNSMessage {
    /// The attributes are an interface: subscriptions filter by them (docs/operations.md).
    init(_ addressed: AddressedNotice, link: String?) {
        let notice = addressed.notice
        let text = NoticeText(notice, link: link)
        let request = "\(notice.requestID)"
        self.init(
            subject: text.subject, text: text.lines.joined(separator: "\n"), shortText: "\(text.subject). \(request)",
            attributes: [
                ("kind", notice.kind.rawValue), ("policy", notice.policyID), ("user", notice.user),
                ("request_id", request),
            ], group: request, id: addressed.id)
    }
}
