import ArgumentParser
import BrokerAPI

struct PoliciesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policies", abstract: "List the policies that you may request.",
        discussion: """
            Columns: policy, account, risk, longest, description, and with --extended seconds. --json prints the broker's own answer.
            """)

    @OptionGroup var options: BrokerOptions
    @OptionGroup(title: "Table") var table: TableOptions

    func run() async throws {
        try await options.run { broker in
            let list = try await broker.client.policies(idToken: broker.idToken)
            print(options.json ? try JSONText.of(list) : try Self.text(list, table, width: Terminal.width))
        }
    }

    static func text(_ list: PolicyList, _ options: TableOptions, width: Int?) throws(TableFault) -> String {
        if list.policies.isEmpty, options.output == .table, !options.csv { return "Your teams may request no policy." }
        let names = ["policy", "account", "risk", "longest", "description"]
        let rows = list.policies.map { policy in
            [
                policy.id, policy.account, "\(policy.risk)", RequestText.length(policy.maximumDurationSeconds),
                policy.description, "\(policy.maximumDurationSeconds)",
            ]
        }
        let columns = names.map { DataTable.Column(name: $0) } + [DataTable.Column(name: "seconds", isExtra: true)]
        return try DataTable(columns: columns, rows: rows).text(options, width: width)
    }
}
