import CallerIdentity
import CredentialCache
import Credentials
import Glibc
import Logging

@testable import MetadataServer

/// This process's user, for whom a rule has the role `developer`, with credentials, and a loop to be served by.
final class ServedUser {
    let source = FakeSource()
    let callerConnections: CallerConnections
    let loop: ServingLoop
    private let callers = CallerState()
    private let service: MetadataService
    private let observer: (any RequestObserver)?
    private let logger: Logger

    /// - Parameters:
    ///   - mostConnections: of the user, before they are refused.
    ///   - group: whose member the user must be.
    ///   - observer: hears of all connections.
    init(
        mostConnections: Int = 3, group: UInt32? = nil, observer: (any RequestObserver)? = nil,
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) throws {
        self.observer = observer
        self.logger = logger
        callerConnections = CallerConnections(most: mostConnections)
        loop = try ServingLoop()
        source.set(.usable(Fixture.prepared()), for: "developer", user: geteuid())
        var rule = CallerRule(user: geteuid(), principal: .localUser(geteuid()), roles: ["developer"])
        rule.group = group
        service = MetadataService(
            source: source, rules: CallerRules([rule]), callers: callers, facts: InstanceFacts(),
            startedAt: Fixture.now)
    }

    /// A container endpoint.
    func listener(
        _ address: ListenerConfiguration.Address = .tcp(host: "127.0.0.1", port: 0),
        _ change: (inout ListenerConfiguration) -> Void = { _ in }
    ) -> MetadataListener {
        var configuration = ListenerConfiguration(name: "test", face: .containerCredentials, address: address)
        // Longer than a test waits on a busy machine.
        configuration.requestTimeout = .seconds(600)
        configuration.lookUpTimeout = .seconds(600)
        change(&configuration)
        return MetadataListener(
            configuration: configuration, service: service, resolver: CallerResolver(),
            callerConnections: callerConnections, callerRequests: CallerRequests(perSecond: 1_000_000),
            callerLogLines: CallerLogLines(), observer: observer, logger: logger,
            now: { Fixture.now })
    }

    /// A request with the right token.
    func get(_ target: String = "/", host: String = "127.0.0.1", isLast: Bool = false) -> String {
        let token = callers.containerTokens.token(forUser: geteuid()).revealed()
        let end = isLast ? "Connection: close\r\n\r\n" : "\r\n"
        return "GET \(target) HTTP/1.1\r\nHost: \(host)\r\nAuthorization: \(token)\r\n\(end)"
    }
}
