import ArgumentParser
import BrokerAPI

struct PoliciesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policies", abstract: "List the policies that you may request.")

    @OptionGroup var options: BrokerOptions

    func run() async throws {
        try await options.run { broker in
            let list = try await broker.client.policies(idToken: broker.idToken)
            print(options.json ? try JSONText.of(list) : Self.text(list))
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
}
