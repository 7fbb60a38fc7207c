import AccessControl
package import Credentials
import FoundationEssentials
package import HTTPExchange
import NIOHTTP1

/// Posts notices to a Slack incoming webhook, whose URL is the secret.
package struct SlackMessenger: Messenger {
    private let url: Secret
    private let exchange: HTTPExchange

    package init(url: Secret, http: HTTPClient, timeout: Duration = .seconds(10)) {
        self.url = url
        exchange = HTTPExchange(http: http, timeout: timeout, maximumAnswerBytes: 64 * 1024)
    }

    package func send(_ message: OutgoingNotice) async throws(DeliveryFailure) {
        let text = NoticeText(message.addressed.notice, link: message.link).lines.map(Self.escaped).joined(
            separator: "\n")
        var request = HTTPClientRequest(url: url.revealed())
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        guard let body = try? JSONAnswer.bytes(["text": text]) else {
            throw DeliveryFailure("it can't be written as JSON")
        }
        request.body = .bytes(body)
        let answer: HTTPAnswer
        do throws(HTTPExchangeFailure) {
            answer = try await exchange.answer(to: request)
        } catch {
            throw DeliveryFailure(error.reason)
        }
        try DeliveryFailure.check(answer)
    }

    /// Slack's own escapes ("Formatting text for app surfaces"): without them, `<!channel>` would call everybody.
    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
