import Foundation
import PolicyFiles
import StrictYAML
import Testing

@testable import Broker

/// `aws:` of the server's configuration, and what it forbids elsewhere.
@Suite struct AWSSectionTests {
    private func decode(_ text: String, environment: [String: String] = [:]) throws -> AWSSection {
        try StrictYAML.decode(
            AWSSection.self, from: text, file: "server.yaml", environment: environment, environmentPrefix: "X")
    }

    @Test func `the broker signs with a key from anywhere, unless told otherwise`() throws {
        let section = try decode("region: us-east-1")
        #expect(section.mode == .assumeRole && section.credentials == .chain)
        #expect(section.webIdentity == nil && section.revocation == nil)
        #expect(try decode("region: us-east-1", environment: ["X_CREDENTIALS": "instance"]).credentials == .instance)
    }

    @Test func `a keyless broker has an issuer, and AWS's audience`() throws {
        let text = "{region: us-east-1, mode: web_identity, web_identity: {issuer: \"https://broker.example.com/sts\"}}"
        let section = try decode(text)
        #expect(section.webIdentity?.issuer == "https://broker.example.com/sts")
        #expect(section.webIdentity?.audience == "sts.amazonaws.com")
        #expect(section.webIdentity?.rotation == .seconds(30 * 86_400))
    }

    @Test func `the console is the partition's, unless it is named`() throws {
        #expect(try decode("region: us-gov-west-1").consoleURL == "https://console.amazonaws-us-gov.com/")
        let named = "https://console.sovereign.example/console/home"
        #expect(try decode("{region: eu-west-1, console_url: \"\(named)\"}").consoleURL == named)
        #expect(try decode("region: eu-west-1", environment: ["X_CONSOLE_URL": named]).consoleURL == named)
    }

    @Test(arguments: [
        ("console_url: \"http://console.example/\"", "console_url"), ("console_url: console.example", "console_url"),
        ("console_url: \"https://console.example:8443/\"", "console_url"), ("console_url: \"\"", "console_url"),
        ("mode: both", "mode"), ("credentials: somewhere", "credentials"), ("mode: web_identity", "web_identity"),
        ("mode: web_identity, credentials: profile, web_identity: {issuer: \"https://a.b\"}", "credentials"),
        ("web_identity: {}", "issuer"), ("web_identity: {issuer: \"http://broker.example.com\"}", "issuer"),
        ("web_identity: {issuer: \"https://broker.example.com/\"}", "issuer"),
        ("web_identity: {issuer: \"https://broker.example.com:8443\"}", "issuer"),
        ("web_identity: {issuer: \"https://broker.example.com?a=b\"}", "issuer"),
        ("web_identity: {issuer: \"https://user@broker.example.com\"}", "issuer"),
        ("web_identity: {issuer: \"broker.example.com\"}", "issuer"),
        ("web_identity: {issuer: \"https://a.b\", audience: \"a b\"}", "audience"),
        ("web_identity: {issuer: \"https://a.b\", key_rotation: 1h}", "key_rotation"),
        ("web_identity: {issuer: \"https://a.b\", key_rotation: 366d}", "key_rotation"),
        ("revocation: {}", "role"), ("revocation: {role: \"arn:aws:iam::111122223333:role/x\"}", "role"),
        ("revocation: {role: \"a b\"}", "role"), ("revocation: {role: x, policy_name: \"a b\"}", "policy_name"),
        ("revocation: {role: x, iam_endpoint: \"http://example.com\"}", "iam_endpoint"),
    ])
    func `what can't work is refused`(fields: String, mention: String) throws {
        let error = #expect(throws: InvalidYAML.self) { _ = try decode("{region: us-east-1, \(fields)}") }
        #expect(error?.description.contains(mention) == true, "\(String(describing: error))")
    }

    @Test func `a policy with an external id is refused where tokens have no place for it`() throws {
        let text = ConfigurationTests.policies.replacing("risk: 10", with: "risk: 10\n    external_id: secret-word")
        let catalog = try PolicyFile.decode(text, file: "policies.yaml")
        try catalog.check(AWSSection.Mode.assumeRole, file: "policies.yaml")
        let error = #expect(throws: InvalidYAML.self) {
            try catalog.check(AWSSection.Mode.webIdentity, file: "policies.yaml")
        }
        #expect(error?.description.contains("\"reader\": external_id") == true)
        #expect(error?.description.contains("policy:reader") == true)
    }

    @Test func `a topic without a role is refused where the broker has no key`() throws {
        let topic = "topic_arn: \"arn:aws:sns:us-east-1:111122223333:a\""
        func section(_ fields: String) throws -> NotificationsSection {
            try StrictYAML.decode(
                NotificationsSection.self, from: "targets: [{name: pager, sns: {\(fields)}}]", file: "server.yaml")
        }
        try section(topic).check(.assumeRole, file: "server.yaml")
        try section("\(topic), role_arn: \"arn:aws:iam::111122223333:role/x\"").check(.webIdentity, file: "server.yaml")
        let error = #expect(throws: InvalidYAML.self) { try section(topic).check(.webIdentity, file: "server.yaml") }
        #expect(error?.description.contains("\"pager\" needs a role_arn") == true)
    }
}
