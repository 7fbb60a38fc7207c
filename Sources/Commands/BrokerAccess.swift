import ArgumentParser
import BrokerAPI
import Credentials
import DaemonAPI
import FoundationEssentials
import HTTPExchange

/// How a verb comes to the broker: with the sign-in that the daemon keeps.
struct BrokerOptions: ParsableArguments {
    @OptionGroup var daemon: DaemonOptions

    @Option(help: "The broker's URL; by default what $STSBROKER_URL, stsbroker configure or the daemon says.")
    var broker: String?

    @Flag(help: "Print JSON.")
    var json = false

    /// Runs `body`, ends with the exit status of ``CommandFailure`` if it fails.
    func run(_ body: (BrokerAccess) async throws -> Void) async throws {
        try await Session.run(daemon) { session in try await body(try await access(session)) }
    }

    func access(_ session: Session) async throws -> BrokerAccess {
        let token = try await session.daemon.idToken()
        let client = BrokerClient(exchange: session.broker, baseURL: try await url(session))
        return BrokerAccess(client: client, idToken: Secret(token.idToken))
    }

    private func url(_ session: Session) async throws -> String {
        if let url = try givenURL() { return url }
        return try await session.daemon.status().brokerURL
    }

    /// What the flag, the environment or the file says, in this order. The sign-in is sent there, so it is https, or http on loopback.
    func givenURL(in environment: [String: String] = ProcessInfo.processInfo.environment) throws -> String? {
        let variable = environment["STSBROKER_URL"].flatMap { $0.isEmpty ? nil : $0 }
        let file = ClientConfiguration.path(in: environment)
        let url = try broker ?? variable ?? ClientConfiguration.loaded(from: file).broker
        return try url.map { try ConfigureCommand.checked($0) }
    }
}

/// The broker, and whose calls these are.
struct BrokerAccess: Sendable {
    let client: BrokerClient
    let idToken: Secret

    /// The same as ``request(_:)``, with all that the broker shows of a single one: to those who decide on it also what
    /// AWS is asked for.
    func wholeRequest(_ prefix: String) async throws -> RequestSummary {
        try await client.request(withID: try await request(prefix).requestID, idToken: idToken)
    }

    /// The one request whose id begins so, among one's own and those to decide on.
    func request(_ prefix: String) async throws -> RequestSummary {
        let own = try await client.requests(toDecide: false, idToken: idToken).requests
        let others = try await client.requests(toDecide: true, idToken: idToken).requests
        var found: [String: RequestSummary] = [:]
        for request in own + others where request.requestID.hasPrefix(prefix.lowercased()) {
            found[request.requestID] = request
        }
        guard let request = found.values.first else {
            throw Obstacle("Error: there is no request \(Excerpt.quoted(prefix)) that you asked for or may decide on.")
        }
        guard found.count == 1, !prefix.isEmpty else {
            throw Obstacle("Error: more than one request begins with \(Excerpt.quoted(prefix)).")
        }
        return request
    }
}
