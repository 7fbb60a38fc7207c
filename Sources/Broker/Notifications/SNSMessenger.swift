package import AWSAPI
import AccessControl

/// Publishes notices by SNS: to a topic, whose subscriptions bring them to mailboxes, telephones and programs, or as a text
/// message to the number that the notice names.
package struct SNSMessenger: Messenger {
    private let client: SNSClient
    /// Where a notice goes that names nobody.
    private let topic: SNSTopic?

    package init(client: SNSClient, topic: SNSTopic?) {
        self.client = client
        self.topic = topic
    }

    package func send(_ message: OutgoingNotice) async throws(DeliveryFailure) {
        guard let destination = destination(of: message.addressed.address) else {
            throw DeliveryFailure("there is no topic or telephone number to send it to")
        }
        do throws(AWSError) {
            try await client.publish(SNSMessage(message.addressed, link: message.link), to: destination)
        } catch .throttled(let delay) {
            throw DeliveryFailure("SNS asks for fewer requests", retryAfter: delay)
        } catch {
            throw DeliveryFailure("\(error)")
        }
    }

    private func destination(of address: NoticeAddress) -> SNSDestination? {
        guard let recipient = address.recipient else { return topic.map(SNSDestination.topic) }
        return PhoneNumber(recipient).map(SNSDestination.telephone)
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
