import ArgumentParser
import Credentials
import DaemonAPI
import FoundationEssentials
import Glibc

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show who is signed in and which credentials the daemon holds for you.")

    @OptionGroup var daemon: DaemonOptions

    @Flag(help: "Show it anew every two seconds, until Ctrl-C.")
    var watch = false

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await Session.run(daemon) { session in
            repeat {
                let status = try await session.daemon.status()
                let text =
                    json
                    ? try JSONText.of(status)
                    : StatusText.of(status, width: Terminal.width, colours: Terminal.hasColours)
                // Over what was there before, so that nothing flickers.
                print(watch && Terminal.isTerminal(STDOUT_FILENO) ? "\u{1B}[H\u{1B}[J\(text)" : text)
                fflush(nil)
                if watch { try await ContinuousClock().sleep(for: .seconds(2)) }
            } while watch
        }
    }
}

/// The daemon's status for people.
enum StatusText {
    static func of(_ status: DaemonStatus, width: Int?, colours: Bool = false) -> String {
        var lines = [signIn(status)]
        if let end = status.signIn.endsSoon { lines.append("The sign-in ends at \(end); run: stsbroker login") }
        if status.isLocked == true { lines.append("The daemon is locked for you; run: stsbroker unlock") }
        lines.append("")
        let now = status.now.flatMap(AWSTimestamp.date)
        var roles = TextTable(header: ["ROLE", "STATE", "EXPIRES IN", "REFRESHES IN", "LAST CALLERS"])
        for role in status.roles {
            roles.add(
                [
                    role.isDefault ? "\(role.name) (default)" : role.name, role.state, left(role.expiration, now),
                    left(role.nextRefresh, now), callers(role),
                ], colours: colour(role.state).map { [1: $0] } ?? [:])
        }
        lines += roles.lines(fitting: width, colours: colours)
        lines += status.roles.compactMap { role in role.lastError.map { "\(role.name): \(TextTable.printable($0))" } }
        lines.append("")
        var listeners = TextTable(header: ["LISTENER", "FACE", "ADDRESS"])
        for listener in status.listeners { listeners.add([listener.name, listener.face, listener.address]) }
        return (lines + listeners.lines(fitting: width)).joined(separator: "\n")
    }

    private static func signIn(_ status: DaemonStatus) -> String {
        switch status.signIn.state {
        case .signedIn: "Signed in as \(status.signIn.subject ?? "unknown") at \(status.provider.issuer)."
        case .signInRequired:
            status.signIn.tokenFile.map { "The workload's token file \($0) can't be used; the daemon's log says why." }
                ?? "Nobody is signed in; run: stsbroker login"
        }
    }

    private static func callers(_ role: RoleStatus) -> String {
        let callers = role.lastCallers ?? []
        return callers.isEmpty ? "-" : callers.map(\.program).joined(separator: ", ")
    }

    /// From `now` until then; the instant itself where the daemon doesn't tell its time.
    static func left(_ instant: String?, _ now: Date?) -> String {
        guard let instant else { return "-" }
        guard let now, let date = AWSTimestamp.date(instant) else { return instant }
        return TimeText.rough(date.timeIntervalSince(now))
    }

    private static func colour(_ state: String) -> Colour? {
        switch state {
        case "fresh": .green
        case "failing", "approval_pending", "sign_in_required": .yellow
        case "expired", "refused", "locked": .red
        default: nil
        }
    }
}

/// Lengths of time for people.
enum TimeText {
    /// In its two largest units, cut: `2d 3h`, `59m 10s`, `0s`.
    static func rough(_ seconds: TimeInterval) -> String {
        let whole = Int(max(0, min(seconds, 1e9)))
        let parts = [(whole / 86_400, "d"), (whole / 3600 % 24, "h"), (whole / 60 % 60, "m"), (whole % 60, "s")]
        guard let first = parts.firstIndex(where: { $0.0 > 0 }) else { return "0s" }
        return parts[first...].prefix(2).filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined(separator: " ")
    }
}
