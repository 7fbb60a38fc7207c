import CallerIdentity
import CredentialCache
import TestSupport
import Testing

@testable import MetadataServer

/// Connections that are older than the rules.
@Suite struct NewerRulesTests {
    /// About the fixture's first user, who is asked for more than that.
    private static func rules(at listeners: Set<String>? = nil) -> [CallerRule] {
        let changes: [(inout CallerRule) -> Void] = [
            { $0.group = 2000 }, { $0.executable = "/usr/bin/aws" }, { $0.unit = "backup.service" },
            { $0.controlGroup = "/ci.slice" },
        ]
        return changes.map { change in
            var rule = CallerRule(user: 1000, listeners: listeners, principal: .localUser(1000), roles: ["developer"])
            change(&rule)
            return rule
        }
    }

    /// A connection that has asked once, under the fixture's own rules.
    private func openConnection(_ face: ListenerFace, log: LogLines = LogLines()) -> TestConnection {
        let connection = TestConnection(face: face, logger: log.logger)
        connection.send(connection.get("/"))
        _ = connection.received()
        return connection
    }

    private func replace(_ rules: [CallerRule], for connection: TestConnection) {
        connection.fixture.service.replace(rules: CallerRules(rules), facts: InstanceFacts(), at: Fixture.now)
    }

    @Test(arguments: ListenerFace.allCases)
    func `a connection of which nobody has looked up what a new rule asks is told to come again, and ends`(
        face: ListenerFace
    ) throws {
        for rule in Self.rules() {
            let log = LogLines()
            let connection = openConnection(face, log: log)
            #expect(connection.isOpen)
            // That the next rule would do is not known before this one is judged.
            replace([rule, CallerRule(user: 1000, roles: ["developer"])], for: connection)
            connection.send(connection.get("/") + connection.get("/"))
            let responses = try connection.responses()
            #expect(responses.map(\.status) == [503])
            #expect(responses.first?.headers["retry-after"] == "1")
            #expect(responses.first?.headers["connection"] == "close")
            #expect(responses.first?.body.contains("connect again") == true)
            #expect(!connection.isOpen)
            #expect(log.lines.last?.contains("the rules ask more since the connection was made") == true)
        }
    }

    @Test func `what new rules ask of others, or at other listeners, disturbs no connection`() throws {
        let connection = openConnection(.containerCredentials)
        var other = CallerRule(user: 1001, roles: ["developer"])
        other.executable = "/usr/bin/aws"
        replace(
            Self.rules(at: ["other"]) + [other, CallerRule(user: 1000, roles: ["developer"])], for: connection)
        connection.send(connection.get("/"))
        #expect(try connection.responses().map(\.status) == [200])
        #expect(connection.isOpen)
    }

    @Test(arguments: ListenerFace.allCases)
    func `who has no rule any more is refused for good`(face: ListenerFace) throws {
        let connection = openConnection(face)
        replace([CallerRule(user: 1001, roles: ["developer"])], for: connection)
        connection.send(connection.get("/"))
        let response = try #require(try connection.responses().first)
        #expect(response.status == 403 && response.headers["retry-after"] == nil)
    }
}
