import ArgumentParser
import DaemonAPI

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show who is signed in and which credentials the daemon holds for you.")

    @OptionGroup var daemon: DaemonOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await Session.run(daemon) { session in
            let status = try await session.daemon.status()
            print(json ? try JSONText.of(status) : Self.text(status))
        }
    }

    static func text(_ status: DaemonStatus) -> String {
        var lines = [signIn(status), ""]
        var roles = TextTable(header: ["ROLE", "STATE", "EXPIRES", "REFRESHES", "POLICY"])
        for role in status.roles {
            let name = role.isDefault ? "\(role.name) (default)" : role.name
            roles.add([name, role.state, role.expiration ?? "-", role.nextRefresh ?? "-", role.policy])
        }
        lines += roles.lines
        lines += status.roles.compactMap { role in role.lastError.map { "\(role.name): \($0)" } }
        lines.append("")
        var listeners = TextTable(header: ["LISTENER", "FACE", "ADDRESS"])
        for listener in status.listeners { listeners.add([listener.name, listener.face, listener.address]) }
        return (lines + listeners.lines).joined(separator: "\n")
    }

    private static func signIn(_ status: DaemonStatus) -> String {
        switch status.signIn.state {
        case .signedIn: "Signed in as \(status.signIn.subject ?? "unknown") at \(status.provider.issuer)."
        case .signInRequired: "Nobody is signed in; run: stsbroker login"
        }
    }
}
