import ArgumentParser
import BrokerAPI
import Credentials
import DaemonAPI
import FoundationEssentials

struct PoliciesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policies", abstract: "List the policies that you may request.")

    @OptionGroup var daemon: DaemonOptions

    @Option(help: "The broker's URL; by default what $STSBROKER_URL or the daemon says.")
    var broker: String?

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await Session.run(daemon) { session in
            let token = try await session.daemon.idToken()
            let client = BrokerClient(exchange: session.exchange, baseURL: try await brokerURL(session))
            let list = try await client.policies(idToken: Secret(token.idToken))
            print(json ? try JSONText.of(list) : Self.text(list))
        }
    }

    static func text(_ list: PolicyList) -> String {
        guard !list.policies.isEmpty else { return "Your teams may request no policy." }
        var table = TextTable(header: ["POLICY", "ACCOUNT", "RISK", "LONGEST", "DESCRIPTION"])
        for policy in list.policies {
            table.add([
                policy.id, policy.account, "\(policy.risk)", "\(policy.maximumDurationSeconds / 60)m",
                policy.description,
            ])
        }
        return table.lines.joined(separator: "\n")
    }

    private func brokerURL(_ session: Session) async throws -> String {
        if let broker { return broker }
        if let url = ProcessInfo.processInfo.environment["STSBROKER_URL"], !url.isEmpty { return url }
        return try await session.daemon.status().brokerURL
    }
}
