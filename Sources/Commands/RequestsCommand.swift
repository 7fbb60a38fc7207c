import AccessControl
import ArgumentParser
import BrokerAPI

struct RequestsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "requests", abstract: "List what you asked for, or what waits for your decision.")

    @OptionGroup var options: BrokerOptions

    @Flag(help: "Those that wait for your decision.")
    var toDecide = false

    @Option(help: "How many at most, the newest first.")
    var limit = 200

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be at least 1.") }
    }

    func run() async throws {
        try await options.run { broker in
            let list = try await broker.client.requests(toDecide: toDecide, limit: limit, idToken: broker.idToken)
            if list.nextToken != nil { tell("There are more; ask for them with --limit.") }
            print(options.json ? try JSONText.of(list) : Self.text(list, toDecide: toDecide))
        }
    }

    static func text(_ list: RequestList, toDecide: Bool) -> String {
        guard !list.requests.isEmpty else {
            return toDecide ? "Nothing waits for your decision." : "You have asked for nothing."
        }
        var table = TextTable(header: ["REQUEST", "STATE", "USER", "POLICY", "FOR", "ENDS", "REASON"])
        for request in list.requests {
            table.add([
                String(request.requestID.prefix(12)), request.state, request.user, request.policy,
                RequestText.length(request.durationSeconds), request.endsAt ?? request.expiresAt ?? "-",
                request.reason ?? "-",
            ])
        }
        return table.lines(fitting: Terminal.width).joined(separator: "\n")
    }
}

/// A request in words.
enum RequestText {
    /// One line, whatever people wrote into it.
    static func line(_ request: RequestSummary) -> String { TextTable.printable(sentence(request)) }

    private static func sentence(_ request: RequestSummary) -> String {
        let what = "\(request.requestID): \(request.policy) for \(length(request.durationSeconds))"
        switch request.state {
        case "pending":
            return "\(what) waits for \(request.approvalsNeeded) approval(s), until \(request.expiresAt ?? "-")."
        case "active": return "\(what) is granted until \(request.endsAt ?? "-")."
        case "scheduled": return "\(what) is granted from \(request.startsAt ?? "-") until \(request.endsAt ?? "-")."
        default: return "\(what) is \(request.state)\(lastComment(request))."
        }
    }

    /// All that whoever decides agrees to.
    static func content(_ request: RequestSummary) -> String {
        var table = TextTable(header: ["REQUEST", request.requestID])
        table.add(["user", request.user])
        for row in policy(request) { table.add(row) }
        table.add(["for", length(request.durationSeconds)])
        table.add(["from", request.startsAt ?? "its approval"])
        table.add(["reason", request.reason ?? "none given"])
        if let ticket = request.ticket { table.add(["ticket", ticket]) }
        for (key, value) in request.tags.sorted(by: { $0.key < $1.key }) {
            table.add(["tag \(key)", value + (request.tagSources?[key].map { " (\($0))" } ?? "")])
        }
        for row in request.session.map(session) ?? [] { table.add(row) }
        let own = narrowing(request.session?.inlinePolicy, title: "Narrowed by the policy's own inline policy:")
        let requested = narrowing(request.inlinePolicy, title: "Narrowed by the inline policy:")
        return (table.lines + own + requested).joined(separator: "\n")
    }

    /// The broker says account and risk only of what the policy still is.
    private static func policy(_ request: RequestSummary) -> [[String]] {
        guard let version = request.policyVersion else { return [["policy", request.policy]] }
        guard let account = request.account, let risk = request.risk else {
            return [["policy", "\(request.policy), which has changed since or is gone"], ["policy version", version]]
        }
        return [
            ["policy", request.policy], ["policy version", version], ["account", account], ["risk", "\(risk) of 100"],
        ]
    }

    private static func session(_ session: RequestSummary.Session) -> [[String]] {
        var rows = [["base role", session.baseRole]]
        for policy in session.managedPolicies { rows.append(["narrowed by", policy]) }
        let transitive = session.transitiveTags.joined(separator: ", ")
        rows.append(["transitive tags", transitive.isEmpty ? "none" : transitive])
        rows.append(["external id", session.sendsExternalID ? "sent" : "none"])
        rows.append(["source identity", session.sendsSourceIdentity ? "the user's name" : "none"])
        return rows
    }

    private static func narrowing(_ policy: String?, title: String) -> [String] {
        guard let policy else { return [] }
        let lines = RequestedInlinePolicy.readable(policy).split(separator: "\n")
        return [title] + lines.map { TextTable.printable(String($0)) }
    }

    static func length(_ seconds: Int) -> String {
        seconds % 3600 == 0 ? "\(seconds / 3600)h" : seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds)s"
    }

    private static func lastComment(_ request: RequestSummary) -> String {
        guard let vote = request.votes.last else { return "" }
        return " by \(vote.user)" + (vote.comment.map { ": \($0)" } ?? "")
    }
}
