import AWSAPI
import AccessControl
import Credentials
import Foundation
import HTTPExchange
import Logging
import PolicyFiles
import StrictYAML
import Testing

@testable import Broker

/// The configuration of targets, and what goes to them by HTTP.
@Suite struct NotificationTargetsTests {
    @Test func `a webhook's signature is an HMAC-SHA256 over id, time and body`() {
        // Computed with Python's hmac module.
        let signature = SignedPost.signature(
            of: Array("{}".utf8), id: "id", timestamp: "1800000000", key: Secret("key"))
        #expect(signature == "v1,Pi3FJFmP6SfvlQ+tBmGE+D/rXSlabTl6QluT4gHbLp8=")
    }

    @Test func `nothing in a text calls everybody on Slack`() {
        #expect(SlackMessenger.escaped("<!channel> & <@U1>") == "&lt;!channel&gt; &amp; &lt;@U1&gt;")
    }

    private static let topic = "arn:aws:sns:us-east-1:111122223333:approvals"

    @Test(
        "What can't work is refused with its place",
        arguments: [
            ("targets: [{name: a}]", "exactly one of the keys"),
            (
                "targets: [{name: a, webhook: {url: http://example.com, key_file: k}}]",
                "https, or with http on loopback"
            ),
            ("targets: [{name: a, slack: {url_file: u}}, {name: a, slack: {url_file: u}}]", "two targets of one name"),
            ("targets: [{name: 'a b', slack: {url_file: u}}]", "visible ASCII"),
            ("targets: [{name: a, smtp: {server: mail, from: a@example.com}}]", "HOST:PORT"),
            ("targets: [{name: a, smtp: {server: \"m:0\", from: a@example.com}}]", "HOST:PORT"),
            ("targets: [{name: a, smtp: {server: \"::1:25\", from: a@example.com}}]", "in brackets"),
            ("targets: [{name: a, smtp: {server: \"m:25\", from: a@example.com, tls: none}}]", "only on loopback"),
            ("targets: [{name: a, smtp: {server: \"m:25\", from: a@example.com, user: u}}]", "both or none"),
            ("targets: [{name: a, smtp: {server: \"m:25\", from: nobody}}]", "mail addresses like"),
            ("{targets: [{name: a, slack: {url_file: u}}], requesters: {email: a}}", "of the right kind"),
            ("{targets: [], requesters: {slack: a}}", "of the right kind"),
            ("targets: [{name: a, pigeon: {}}]", "pigeon"),
            ("targets: [{name: a, sns: {topic_arn: approvals}}]", "topic_arn"),
            ("targets: [{name: a, sns: {topic_arn: \"arn:aws:sns:us-east-1:1:t\"}}]", "topic_arn"),
            ("targets: [{name: a, sns: {topic_arn: \"\(topic)\", role_arn: x}}]", "role_arn"),
            ("targets: [{name: a, sns: {topic_arn: \"\(topic)\", endpoint: \"http://example.com\"}}]", "endpoint"),
            ("{targets: [{name: a, sns: {topic_arn: \"\(topic)\"}}], requesters: {email: a}}", "of the right kind"),
            ("{targets: [{name: a, sns: {topic_arn: \"\(topic)\"}}], requesters: {sms: b}}", "for sms"),
            ("{targets: [{name: a, slack: {url_file: u}}], requesters: {sms: a}}", "for sms"),
            ("{targets: [{name: a, sns: {region: us-east-1}}], requesters: {sms: [a]}}", "sms"),
            ("targets: [{name: a, sns: {}}]", "exactly one of the keys \"topic_arn\" and \"region\""),
            ("targets: [{name: a, sns: {topic_arn: \"\(topic)\", region: us-east-1}}]", "exactly one of the keys"),
            ("targets: [{name: a, sns: {region: \"us east\"}}]", "a region like"),
        ])
    func refusals(section: String, problem: String) throws {
        let error = try #require(throws: InvalidYAML.self) {
            _ = try StrictYAML.decode(NotificationsSection.self, from: section, file: "server.yaml")
        }
        #expect(error.description.contains(problem))
    }

    @Test(arguments: ["topic_arn: \"\(topic)\"", "region: us-east-1"])
    func `text messages go by a target of SNS, which needs no topic`(place: String) throws {
        let section = try StrictYAML.decode(
            NotificationsSection.self, from: "{targets: [{name: a, sns: {\(place)}}], requesters: {sms: a}}",
            file: "server.yaml")
        #expect(section.requesters == [.sms: "a"])
        #expect(section.targets.map(\.knowsWhom) == [place.hasPrefix("topic_arn")])
        guard case .sns(let target)? = section.targets.first?.kind else {
            Issue.record("it is no target of SNS")
            return
        }
        #expect(target.region == "us-east-1")
    }

    @Test(arguments: [("[::1]:25", "::1"), ("127.0.0.1:25", "127.0.0.1"), ("mail.example.com:25", "mail.example.com")])
    func `a mail server's address is what can be connected to`(server: String, host: String) throws {
        let target = try StrictYAML.decode(
            MailTarget.self, from: "{server: \"\(server)\", from: a@example.com}", file: "server.yaml")
        #expect(target.host == host && target.port == 25)
    }

    @Test func `secrets come from files that only their owners can read`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "notifications-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "key").path()
        #expect(throws: InvalidYAML.self) { _ = try SecretFile.read(path) }
        for (contents, mode, isGood) in [
            ("secret\n", 0o600, true), ("secret", 0o640, true), ("secret\n", 0o644, false),
            ("two\nlines\n", 0o600, false),
            ("", 0o600, false), (String(repeating: "x", count: 5000), 0o600, false),
        ] {
            try contents.write(toFile: path, atomically: false, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            let secret = try? SecretFile.read(path)
            #expect((secret == Secret("secret")) == isGood, "\(contents.prefix(9)) \(mode)")
        }
        try "secret\n".write(toFile: path, atomically: false, encoding: .utf8)
        try FileManager.default.createSymbolicLink(atPath: path + ".link", withDestinationPath: path)
        // Kubernetes' are links; what counts is the file that they lead to.
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        #expect(throws: InvalidYAML.self) { _ = try SecretFile.read(path + ".link") }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        #expect(try SecretFile.read(path + ".link") == Secret("secret"))
    }

    /// `nil` for what can't be used.
    @Test(
        arguments: [
            ("key", "key"), ("whsec_a2V5", "key"), ("a2V5", "a2V5"), ("WHSEC_a2V5", "WHSEC_a2V5"), ("whsec_", nil),
            ("whsec_a2V", nil), ("whsec_a-_5", nil), ("whsec_whsec_a2V5", nil),
        ] as [(String, String?)])
    func `behind "whsec_" a key is in base64, for webhooks and the evaluator alike`(line: String, key: String?) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "key").path()
        try "\(line)\n".write(toFile: path, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        let file = folder.appending(path: "server.yaml").path()
        func loaded(_ section: String) throws -> LoadedConfiguration {
            try Data("\(ConfigurationTests.valid)\n\(section)\n".utf8).write(to: URL(filePath: file))
            try Data(ConfigurationTests.policies.utf8).write(to: folder.appending(path: "policies.yaml"))
            return try LoadedConfiguration(path: file, environment: [:])
        }
        let evaluator = "evaluator: {url: \"https://evaluator.example\", key_file: key}"
        let webhook = "notifications: {targets: [{name: a, webhook: {url: \"https://a.example\", key_file: key}}]}"
        guard let key else {
            for section in [evaluator, webhook] {
                let error = #expect(throws: InvalidYAML.self) { _ = try loaded(section) }
                #expect(error?.file == path && error?.description.contains("base64") == true, "\(section)")
            }
            return
        }
        #expect(try SecretFile.signingKey(path) == Secret(key))
        #expect(try loaded(evaluator).evaluatorKey == Secret(key))
        #expect(try loaded(webhook).notifications.routing.approverTargets == ["a"])
    }

    @Test func `a policy that wants somebody told who can't be is named`() throws {
        let policies = BrokerUnderTest.policies.replacing(
            "{teams: [security], ", with: "{teams: [security], notify: [pager], ")
        let catalog = try PolicyFile.decode(policies, file: "policies.yaml")
        let error = try #require(throws: InvalidYAML.self) {
            try catalog.check(BrokerUnderTest.routing, file: "policies.yaml")
        }
        #expect(error.description.contains("policy \"admin\": approval.notify names \"pager\""))
    }

    static func notice() -> Notice {
        let requester = Principal(
            id: PrincipalID(issuer: "i", subject: "s"), userName: "eve\nadmin", teams: [], claims: [:])
        let content = RequestContent(
            requester: requester.id, policyID: "p", policyVersion: PolicyVersion(stored: "v"), tags: [],
            durationSeconds: 5400, reason: "x\nRequest: forged", startsAt: nil)
        let approval = ApprovalCase(
            requestID: .random(), content: content, requester: requester,
            rule: ApprovalRule(teams: ["t"], count: 1, allowsOwnRequests: false, patienceSeconds: 60),
            at: Date(timeIntervalSince1970: 0))
        return Notice(approval, actor: nil, comment: nil, at: Date(timeIntervalSince1970: 0))
    }

    @Test func `a notice's words show people's text on one line each`() {
        let text = NoticeText(Self.notice())
        #expect(text.subject == "eve admin asks for p")
        #expect(text.lines.contains("Duration: 1 h 30 min"))
        #expect(text.lines.contains("Reason: x Request: forged"))
        #expect(text.lines.allSatisfy { !$0.contains("\n") })
    }

    @Test(
        arguments: [
            (nil, "no topic or telephone number"), ("a@example.com", "no topic or telephone number"),
            ("+14155550100", "no key for tests"),
        ] as [(String?, String)])
    func `without a topic, SNS brings notices to telephones only`(recipient: String?, reason: String) async throws {
        let client = SNSClient(
            http: .shared, region: "us-east-1", endpoint: "http://127.0.0.1:1",
            accessKey: { throw AWSError.keysUnavailable("no key for tests") }, logger: Logger(label: "test"),
            now: { Date() })
        let notice = AddressedNotice(Self.notice(), to: NoticeAddress(target: "texts", recipient: recipient))
        let failure = await #expect(throws: DeliveryFailure.self) {
            try await SNSMessenger(client: client, topic: nil).send(OutgoingNotice(addressed: notice, sentAt: 0))
        }
        #expect(failure?.reason.contains(reason) == true)
    }
}
