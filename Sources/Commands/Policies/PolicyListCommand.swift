import ArgumentParser
import BrokerAPI

struct PolicyListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List all policies and teams, and who changed them last.",
        discussion: "For administrators. What you may request, `stsbroker policies` lists.")

    @OptionGroup var options: BrokerOptions

    func run() async throws {
        try await options.run { broker in
            let list = AdministeredList(
                policies: try await Self.all(.policies, broker), teams: try await Self.all(.teams, broker))
            print(options.json ? try JSONText.of(list) : Self.text(list))
        }
    }

    static func all(_ collection: AdministeredCollection, _ broker: BrokerAccess) async throws -> [AdministeredItem] {
        var (items, token): ([AdministeredItem], String?) = ([], nil)
        repeat {
            let page = try await broker.client.administered(collection, nextToken: token, idToken: broker.idToken)
            items += page.items
            token = page.nextToken
        } while token != nil
        return items
    }

    static func text(_ list: AdministeredList) -> String {
        var table = TextTable(header: ["KIND", "ID", "REVISION", "CHANGED", "BY"])
        for (kind, items) in [("policy", list.policies ?? []), ("team", list.teams ?? [])] {
            for item in items {
                table.add([
                    kind, item.id, "\(item.revision)", item.changedAt,
                    item.changedBy.user ?? item.changedBy.file ?? "-",
                ])
            }
        }
        return table.lines.joined(separator: "\n")
    }
}
