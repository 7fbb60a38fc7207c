import ArgumentParser
import DaemonAPI
import FoundationEssentials

struct EnvCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "env",
        abstract: "Print what a shell must set for programs to get a role's credentials.",
        discussion: """
            bash and zsh:  eval "$(stsbroker env ROLE)"
            fish:          stsbroker env ROLE --shell fish | source
            PowerShell:    stsbroker env ROLE --shell powershell | Out-String | Invoke-Expression

            Prints no secret: SDKs read the token file themselves. Unsets what they would prefer to the daemon, and excepts it \
            from proxies.
            """)

    @OptionGroup var daemon: DaemonOptions

    @Argument(help: "The role, as stsbroker status lists it; by default your default role.")
    var role: String?

    @Option(help: "bash, zsh, posix, fish or powershell; by default what $SHELL says.")
    var shell: ShellDialect?

    @Flag(help: "For tools that know the instance metadata service only, which serves your default role.")
    var imds = false

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await Session.run(daemon) { session in
            let status = try await session.daemon.status()
            let endpoint = try status.endpoint(of: try status.role(named: role), prefersIMDS: imds)
            let process = ProcessInfo.processInfo.environment
            let variables = SDKEnvironment(endpoint, in: process)
            if json {
                print(try JSONText.of(EnvironmentAnswer(variables)))
            } else {
                print(variables.script(shell ?? ShellDialect(shell: process["SHELL"])))
            }
        }
    }
}

/// What `env --json` prints.
struct EnvironmentAnswer: Encodable {
    let set: [String: String]
    let unset: [String]

    init(_ environment: SDKEnvironment) {
        set = Dictionary(environment.set.map { ($0.name, $0.value) }) { first, _ in first }
        unset = environment.unset
    }
}
