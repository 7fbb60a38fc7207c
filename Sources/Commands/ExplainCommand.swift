import ArgumentParser
import Credentials
import DaemonAPI
import FoundationEssentials

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell why you have a role's credentials, or not: the last attempt, the next one, and who asked.")

    @OptionGroup var daemon: DaemonOptions

    @Argument(help: "The role, as stsbroker status lists it; by default your default role.")
    var role: String?

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await Session.run(daemon) { session in
            let status = try await session.daemon.status()
            let role = try status.role(named: role)
            print(json ? try JSONText.of(role) : ExplanationText.of(role, in: status, width: Terminal.width))
        }
    }
}

enum ExplanationText {
    static func of(_ role: RoleStatus, in status: DaemonStatus, width: Int?) -> String {
        let now = status.now.flatMap(AWSTimestamp.date)
        var table = TextTable(header: ["ROLE", role.name])
        table.add(["policy", role.policy])
        table.add(["state", "\(role.state): \(meaning(of: role.state))"])
        if let error = role.lastError { table.add(["reason", error]) }
        if let expiration = role.expiration { table.add(["expires in", StatusText.left(expiration, now)]) }
        table.add(["last attempt", ago(role.lastAttempt, now) ?? "none since the daemon started"])
        table.add(["next attempt", next(role, now)])
        let callers = (role.lastCallers ?? []).map { caller in
            "\(caller.program) at \(caller.listener), \(ago(caller.at, now) ?? caller.at)"
        }
        if callers.isEmpty { table.add(["asked by", "nobody since the daemon started"]) }
        for (index, caller) in callers.enumerated() { table.add([index == 0 ? "asked by" : "", caller]) }
        return table.lines(fitting: width).joined(separator: "\n")
    }

    private static func next(_ role: RoleStatus, _ now: Date?) -> String {
        guard let instant = role.nextRefresh else { return "when a program asks" }
        let left = StatusText.left(instant, now)
        return left == "0s" ? "now" : now == nil ? left : "in \(left)"
    }

    private static func ago(_ instant: String?, _ now: Date?) -> String? {
        guard let instant else { return nil }
        guard let now, let date = AWSTimestamp.date(instant) else { return instant }
        return "\(TimeText.rough(now.timeIntervalSince(date))) ago"
    }

    /// What each state means, and what helps.
    private static func meaning(of state: String) -> String {
        switch state {
        case "idle": "no program has asked yet"
        case "fetching": "an attempt is under way"
        case "fresh": "credentials are at hand"
        case "due": "credentials are at hand, and newer ones are being fetched"
        case "failing": "credentials are at hand, but newer ones can't be had now"
        case "expired": "there are no credentials, and none can be had now"
        case "refused": "the broker says no; run: stsbroker policies"
        case "approval_pending": "somebody must approve; run: stsbroker requests"
        case "sign_in_required": "run: stsbroker login"
        case "locked": "run: stsbroker unlock"
        default: "see the daemon's log"
        }
    }
}
