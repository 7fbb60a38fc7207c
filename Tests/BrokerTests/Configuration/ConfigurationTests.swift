import AccessControl
import BrokerAPI
import Foundation
import IDTokens
import OIDC
import PolicyFiles
import StrictYAML
import Testing

@testable import Broker

@Suite("Configuration")
struct ConfigurationTests {
    static let valid = """
        listen:
          unix: /run/broker.sock
        database: broker.sqlite
        policies: policies.yaml
        aws:
          region: us-east-1
          sts_endpoint: http://127.0.0.1:5000
        issuers:
          - issuer: http://127.0.0.1:8080
            audiences: [stsbroker]
            algorithms: [RS256]
            token_use: id
            claims: {user: "cognito:username", teams: "custom:teams"}
        """

    private func decode(_ text: String, environment: [String: String] = [:]) throws -> ServerConfiguration {
        try StrictYAML.decode(
            ServerConfiguration.self, from: text, file: "server.yaml", environment: environment,
            environmentPrefix: ServerConfiguration.environmentPrefix)
    }

    @Test("The command line's client is one of the audiences, or the file is refused")
    func commandLineClient() throws {
        #expect(try decode(Self.valid).issuers.signIns.isEmpty)
        let with = Self.valid.replacing("    token_use: id", with: "    token_use: id\n    cli_client_id: stsbroker")
        #expect(
            try decode(with).issuers.signIns
                == [BrokerConfiguration.Issuer(issuer: "http://127.0.0.1:8080", clientID: "stsbroker")])
        #expect(throws: InvalidYAML.self) { try decode(with.replacing("id: stsbroker", with: "id: other")) }
    }

    @Test("The whole form is read, and scalars can come from the environment")
    func reads() throws {
        let configuration = try decode(Self.valid, environment: ["STSBROKER_SERVER_AWS_REGION": "eu-west-1"])
        #expect(configuration.aws.region == "eu-west-1")
        #expect(configuration.aws.endpoint == "http://127.0.0.1:5000")
        #expect(configuration.listen.place.socketPath == "/run/broker.sock")
        #expect(configuration.issuers.trusted.first?.tokenUse == "id")
        #expect(configuration.issuers.claims["http://127.0.0.1:8080"]?.user == "cognito:username")
        #expect(ServerConfiguration.path("a.db", relativeTo: "/etc/x/server.yaml") == "/etc/x/a.db")
        #expect(ServerConfiguration.path("/a.db", relativeTo: "/etc/x/server.yaml") == "/a.db")
        #expect(ServerConfiguration.path("a.db", relativeTo: "server.yaml") == "a.db")
    }

    @Test(
        "A mistake is refused with file, line and what is wrong",
        arguments: [
            ("region: us-east-1", "regoin: us-east-1", "6:3", "regoin"),
            ("region: us-east-1", "region: \"us east\"", "6:", "region"),
            ("http://127.0.0.1:5000", "ftp://x", "6:", "sts_endpoint"),
            ("unix: /run/broker.sock", "unix: broker.sock", "2:", "unix"),
            ("unix: /run/broker.sock", "address: 8080", "2:", "HOST:PORT"),
            ("unix: /run/broker.sock", "address: 127.0.0.1:99999", "2:", "HOST:PORT"),
            ("unix: /run/broker.sock", "address: \"::1:80\"", "2:", "brackets"),
            ("unix: /run/broker.sock", "unix: /a\n  address: 127.0.0.1:1", "2:", "exactly one"),
            ("[stsbroker]", "[]", "9:", "audience"), ("[RS256]", "[none]", "9:", "none"),
            ("[RS256]", "[HS256]", "9:", "HS256"),
            ("issuer: http://127.0.0.1:8080", "issuer: http://idp.example", "9:", "https"),
            ("user: \"cognito:username\", ", "", "13:", "user"), ("database: broker.sqlite\n", "", "1:", "database"),
        ])
    func refuses(part: String, replacement: String, position: String, mention: String) throws {
        let text = Self.valid.replacing(part, with: replacement)
        #expect(text != Self.valid)
        let error = #expect(throws: InvalidYAML.self) { _ = try decode(text) }
        let description = error?.description ?? ""
        #expect(description.hasPrefix("server.yaml:\(position)"), "\(description)")
        #expect(description.contains(mention), "\(description)")
    }

    @Test(
        "Addresses",
        arguments: [
            ("127.0.0.1:8080", false), ("[::1]:0", false), ("localhost:1", false), ("0.0.0.0:80", true),
            ("127.evil.example:80", true),
        ])
    func addresses(address: String, leaves: Bool) throws {
        let configuration = try decode(
            Self.valid.replacing("unix: /run/broker.sock", with: "address: \"\(address)\""))
        #expect(configuration.listen.place.leavesThisMachine == leaves)
    }

    @Test(
        "Defect A4, B4: a policy without a usable risk or base role doesn't load, and the line is named",
        arguments: [
            ("    risk: 10\n", "", "risk"), ("risk: 10", "risk:", "risk"), ("risk: 10", "risk: low", "risk"),
            ("risk: 10", "risk: 0", "risk"), ("risk: 10", "risk: 101", "risk"), ("risk: 10", "risk: 1.5", "risk"),
            ("risk: 10", "risk: [10]", "risk"),
            ("    base_role: arn:aws:iam::111122223333:role/Reader\n", "", "base_role"),
            ("base_role: arn:aws:iam::111122223333:role/Reader", "base_role: Reader", "base_role"),
            ("account: \"111122223333\"", "account: \"999922223333\"", "account"),
            ("max_duration: 1h", "max_duration: 13h", "max_duration"),
            ("max_duration: 1h", "max_duration: 60", "max_duration"),
            ("[department]", "[department, Department]", "Department"), ("[department]", "[\"aws:x\"]", "aws:"),
            ("[department]", "[\"a*b\"]", "Tags"), ("policies: [reader]", "policies: [writer]", "writer"),
            ("id: developers", "id: \"a b\"", "team"),
            ("id: reader", "id: reader\n    slack_webhook_url: x", "slack_webhook_url"),
            ("[department]", "[department]\n    default_tags: [{a: b, c: d}]", "default_tags"),
            ("[department]", "[department]\n    managed_policies: [nonsense]", "PolicyArns"),
        ])
    func brokenPolicies(part: String, replacement: String, mention: String) throws {
        let text = Self.policies.replacing(part, with: replacement)
        #expect(text != Self.policies)
        let error = #expect(throws: InvalidYAML.self) { _ = try PolicyFile.decode(text, file: "policies.yaml") }
        let description = error?.description ?? ""
        #expect(description.contains(mention) && description.contains("policies.yaml:"), "\(description)")
    }

    static let policies = """
        policies:
          - id: reader
            description: reads
            account: "111122223333"
            base_role: arn:aws:iam::111122223333:role/Reader
            risk: 10
            user_tags: [department]
            max_duration: 1h
        teams:
          - id: developers
            policies: [reader]
        """

    @Test("Many characters of tags are a warning")
    func warns() throws {
        let tags = (0..<4).map { "{key\($0): \(String(repeating: "v", count: 200))}" }.joined(separator: ", ")
        let text = Self.policies.replacing("[department]", with: "[department]\n    default_tags: [\(tags)]")
        #expect(try PolicyFile.decode(text, file: "p").warnings().count == 1)
        #expect(try PolicyFile.decode(Self.policies, file: "p").warnings().isEmpty)
    }

    @Test("Where there are targets, an approval that says nothing of them is a warning", arguments: [true, false])
    func silence(hasTargets: Bool) throws {
        let silent = Self.policies.replacing("risk: 10", with: "risk: 80\n    approval: {teams: [security]}")
        let catalog = try PolicyFile.decode(silent, file: "p")
        let warnings = catalog.warnings(hasTargets: hasTargets).map(\.description)
        #expect(warnings.count == (hasTargets ? 1 : 0), "\(warnings)")
        #expect(warnings.allSatisfy { $0.hasPrefix("policy \"reader\" has an approval that tells nobody: ") })
        for notify in ["[]", "[desk]"] {
            let text = silent.replacing("[security]", with: "[security], notify: \(notify)")
            #expect(try PolicyFile.decode(text, file: "p").warnings(hasTargets: hasTargets).isEmpty, "\(notify)")
        }
    }

    @Test("The example files load")
    func examples() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let path = root.appending(path: "config/stsbroker-server.yaml").path()
        let loaded = try LoadedConfiguration(path: path, environment: [:])
        #expect(loaded.warnings.isEmpty)
        #expect(loaded.catalog.catalog.policies.count == 3)
        #expect(loaded.databasePath == "/var/lib/stsbroker-server/broker.sqlite")
    }
}
