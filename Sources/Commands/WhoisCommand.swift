import AccessControl
import ArgumentParser
import BrokerAPI
import Credentials
import FoundationEssentials

struct WhoisCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "whois", abstract: "Tell who had an access key or a session, why, and who approved it.",
        discussion: "For members of the teams that the broker's configuration calls auditors.")

    @OptionGroup var options: BrokerOptions

    @Argument(help: "The access key id (ASIA…), or a session's name, as CloudTrail shows them.")
    var name: String

    func run() async throws {
        try await options.run { broker in
            let excerpt = try await broker.client.value(
                at: Self.path(to: name), as: AuditExcerpt.self, idToken: broker.idToken)
            guard !excerpt.records.isEmpty else {
                throw Obstacle("Error: the broker has issued no session of that name.")
            }
            print(options.json ? try JSONText.of(excerpt) : Self.text(excerpt.records))
            if !options.json, let text = Self.leftOut(excerpt) { tell(text) }
        }
    }

    static func path(to name: String) -> String {
        var components = URLComponents()
        components.path = "/v1/audit/sessions"
        components.queryItems = [URLQueryItem(name: "name", value: name)]
        // A plus sign may stand in a session's name, and for a blank in a query.
        return (components.string ?? components.path).replacing("+", with: "%2B")
    }

    /// What there is besides; `nil` if that is all.
    static func leftOut(_ excerpt: AuditExcerpt) -> String? {
        guard let kinds = excerpt.leftOut, !kinds.isEmpty else { return nil }
        let names = TextTable.printable(kinds.joined(separator: ", "))
        return "There are more records of these requests: \(names). Run stsbroker audit export for all."
    }

    /// Each record with the instant, and its details as `key: value`.
    static func text(_ records: [AuditLine]) -> String {
        var table = TextTable(header: ["AT", "WHAT", "DETAILS"])
        for record in records {
            let instant = Date(timeIntervalSince1970: Double(record.milliseconds) / 1000)
            table.add([AWSTimestamp.text(instant), record.kind, record.details])
        }
        return table.lines.joined(separator: "\n")
    }
}
