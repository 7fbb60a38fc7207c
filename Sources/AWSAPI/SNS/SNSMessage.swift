import FoundationEssentials

/// A message to a topic or a telephone, within SNS's limits whatever its texts are (SNS Publish).
package struct SNSMessage: Sendable, Equatable {
    /// Under 100 ASCII characters without control characters that begin with a letter, digit or punctuation.
    let subject: String
    let text: String
    /// What goes to telephones.
    let shortText: String
    /// By which subscriptions filter; all are strings.
    let attributes: [(name: String, value: String)]
    /// What belongs together and stays in order, in a FIFO topic.
    let group: String
    /// The same whenever the message is sent once more.
    let id: String

    /// 1,600 characters are the most that SNS sends to a telephone; ours is one message of 160.
    private static let shortTextLimit = 160
    /// Of 256 KiB for all of a message.
    private static let textLimit = 64 * 1024

    /// - Parameter attributes: of an empty value, which SNS refuses, none is sent.
    package init(
        subject: String, text: String, shortText: String, attributes: [(name: String, value: String)], group: String,
        id: String
    ) {
        self.subject = Self.subject(subject)
        self.text = String(decoding: text.utf8.prefix(Self.textLimit), as: UTF8.self)
        self.shortText = String(shortText.unicodeScalars.prefix(Self.shortTextLimit))
        self.attributes = attributes.filter { !$0.value.isEmpty }
        self.group = group
        self.id = id
    }

    private static func subject(_ text: String) -> String {
        let characters = text.unicodeScalars.map { (0x20...0x7E).contains($0.value) ? Character($0) : "?" }
        let line = String(characters.drop { $0 == " " }.prefix(99))
        return line.isEmpty ? "STS Broker" : line
    }

    package static func == (left: SNSMessage, right: SNSMessage) -> Bool {
        left.subject == right.subject && left.text == right.text && left.shortText == right.shortText
            && left.attributes.elementsEqual(right.attributes, by: ==) && left.group == right.group
            && left.id == right.id
    }
}

extension QueryCall {
    private static let publishVersion = "2010-03-31"

    /// `nil` if it can't be written.
    static func publish(_ message: SNSMessage, to destination: SNSDestination) -> QueryCall? {
        switch destination {
        case .topic(let topic): return publish(message, to: topic)
        case .telephone(let number): return publish(message, to: number)
        }
    }

    /// Only the short text; the subject is for mailboxes, and there is no subscription that could filter.
    private static func publish(_ message: SNSMessage, to number: PhoneNumber) -> QueryCall {
        QueryCall(
            action: "Publish", version: publishVersion,
            parameters: [(name: "PhoneNumber", value: number.text), (name: "Message", value: message.shortText)])
    }

    /// `MessageStructure` is `json`: `default` for everybody, `sms` for telephones. `nil` if it can't be written.
    private static func publish(_ message: SNSMessage, to topic: SNSTopic) -> QueryCall? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let body = try? encoder.encode(["default": message.text, "sms": message.shortText]) else { return nil }
        var parameters = [
            (name: "TopicArn", value: topic.arn), (name: "Subject", value: message.subject),
            (name: "Message", value: String(decoding: body, as: UTF8.self)), (name: "MessageStructure", value: "json"),
        ]
        for (index, attribute) in message.attributes.enumerated() {
            let entry = "MessageAttributes.entry.\(index + 1)"
            parameters.append((name: "\(entry).Name", value: attribute.name))
            parameters.append((name: "\(entry).Value.DataType", value: "String"))
            parameters.append((name: "\(entry).Value.StringValue", value: attribute.value))
        }
        if topic.isFIFO {
            parameters.append((name: "MessageGroupId", value: message.group))
            parameters.append((name: "MessageDeduplicationId", value: message.id))
        }
        return QueryCall(action: "Publish", version: publishVersion, parameters: parameters)
    }
}
