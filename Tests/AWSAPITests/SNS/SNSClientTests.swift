import Credentials
import FoundationEssentials
import HTTPExchange
import Logging
import TestSupport
import Testing

@testable import AWSAPI

/// moto checks signatures, permissions and subscriptions here as an independent judge.
@Suite struct SNSClientTests {
    private struct Setup: Decodable, Sendable {
        let accessKeyID, secretAccessKey, topic: String
    }

    private struct Received: Decodable {
        let subject, message: String
        let attributes: [String: String]
    }

    private struct Question: Encodable {
        let endpoint, accessKeyID, secretAccessKey: String
    }

    private static func message(kind: String) -> SNSMessage {
        SNSMessage(
            subject: "jürgen asks for admin\r\nBcc: x", text: "Two\nlines & ünïcode", shortText: "short",
            attributes: [("kind", kind), ("policy", "admin"), ("empty", "")], group: "r", id: "1")
    }

    @Test func `defect B8: the documented filter lets through what is sent for it, and only that`() async throws {
        try await MotoServer.running { moto in
            let setup = try await PythonEnvironment.run(
                try PythonEnvironment.script("moto_topic.py", of: #filePath), input: ["endpoint": moto.endpoint],
                as: Setup.self)
            let topic = try #require(SNSTopic(setup.topic))
            func client(secret: String) -> SNSClient {
                SNSClient(
                    http: .shared, region: topic.region, endpoint: moto.endpoint,
                    accessKey: {
                        AWSAccessKey(
                            accessKeyID: setup.accessKeyID, secretAccessKey: Secret(secret), sessionToken: nil)
                    }, logger: Logger(label: "test"), timeout: .seconds(60), now: { Date() })
            }
            let right = client(secret: setup.secretAccessKey)
            for kind in ["approval_needed", "granted"] {
                try await right.publish(Self.message(kind: kind), to: .topic(topic))
            }
            let number = try #require(PhoneNumber("+14155550100"))
            let id = try await right.publish(Self.message(kind: "approval_needed"), to: .telephone(number))
            #expect(!id.isEmpty)
            await #expect {
                try await client(secret: "wrong").publish(Self.message(kind: "approval_needed"), to: .topic(topic))
            } throws: { error in
                guard case .keysRefused("SignatureDoesNotMatch", 403, _)? = error as? AWSError else { return false }
                return true
            }
            let received = try await PythonEnvironment.run(
                try PythonEnvironment.script("moto_received.py", of: #filePath),
                input: Question(
                    endpoint: moto.endpoint, accessKeyID: setup.accessKeyID, secretAccessKey: setup.secretAccessKey),
                as: [Received].self)
            #expect(received.count == 1)
            #expect(received.first?.subject == "j?rgen asks for admin??Bcc: x")
            #expect(received.first?.message == "Two\nlines & ünïcode")
            #expect(received.first?.attributes == ["kind": "approval_needed", "policy": "admin"])
        }
    }

    @Test(
        arguments: [
            ("arn:aws:sns:us-east-1:111122223333:approvals", "https://sns.us-east-1.amazonaws.com"),
            ("arn:aws-cn:sns:cn-north-1:111122223333:a_b-C9.fifo", "https://sns.cn-north-1.amazonaws.com.cn"),
            ("arn:aws:sns:us-east-1:111122223333:a.b", nil), ("arn:aws:sns:us-east-1:1111:a", nil),
            ("arn:aws:sns:us-east-1:111122223333:.fifo", nil), ("arn:aws:sqs:us-east-1:111122223333:a", nil),
            ("arn:aws:sns:@evil/:111122223333:a", nil), ("arn:aws:sns::111122223333:a", nil), ("", nil),
            ("arn:aws:sns:us-east-1:111122223333:a:b", nil),
        ] as [(String, String?)])
    func `a topic's region is in its ARN`(arn: String, endpoint: String?) {
        #expect(SNSTopic(arn).map { SNSClient.defaultEndpoint(region: $0.region) } == endpoint)
    }

    @Test func `texts of any length keep SNS's limits`() {
        let long = String(repeating: "ä", count: 100_000)
        let message = SNSMessage(subject: long, text: long, shortText: long, attributes: [], group: "g", id: "i")
        #expect(message.subject.utf8.count == 99 && message.shortText.unicodeScalars.count == 160)
        #expect(message.text.utf8.count <= 64 * 1024 + 2)
        #expect(
            SNSMessage(subject: "  ", text: "", shortText: "", attributes: [], group: "", id: "").subject
                == "STS Broker")
    }

    @Test func `a FIFO topic's message has a group and an id`() throws {
        let topic = try #require(SNSTopic("arn:aws:sns:us-east-1:111122223333:a.fifo"))
        let call = try #require(QueryCall.publish(Self.message(kind: "granted"), to: .topic(topic)))
        #expect(call.body.hasSuffix("MessageGroupId=r&MessageDeduplicationId=1"))
    }

    @Test func `a telephone gets the short text, and no topic's parameters`() throws {
        let number = try #require(PhoneNumber("+14155550100"))
        let call = try #require(QueryCall.publish(Self.message(kind: "granted"), to: .telephone(number)))
        #expect(call.body == "Action=Publish&Version=2010-03-31&PhoneNumber=%2B14155550100&Message=short")
    }

    @Test(arguments: [
        ("+14155550100", true), ("+12345678", true), ("+123456789012345", true), ("+1234567", false),
        ("+1234567890123456", false), ("14155550100", false), ("+04155550100", false), ("+1 (415) 555-0100", false),
        ("+1415555010\u{661}", false), ("+14155550100;ext=1", false), ("++4155550100", false), ("+", false),
        ("", false),
    ])
    func `a telephone number is E.164's or none`(text: String, isNumber: Bool) {
        #expect(PhoneNumber(text)?.text == (isNumber ? text : nil))
    }
}
