import ArgumentParser
import DaemonAPI
import FoundationEssentials
import Glibc
import HTTPExchange

struct ExecCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec",
        abstract: "Run a command that gets a role's credentials, and only that role's, while it runs.",
        usage: "stsbroker exec [--socket <socket>] [--json] [<role>] -- <command> ...",
        discussion: """
            The command takes the place of stsbroker: it has the same process number, gets all signals itself, and its exit status \
            is what you see. It and its children find the role by a token of their own, which ends with the command, however that \
            ends, or when it is revoked (stsbroker logout revokes all).

            Exit status: the command's; 127 if there is none of that name, 126 if it can't be run.
            """)

    @OptionGroup var daemon: DaemonOptions

    @Argument(help: "The role, as stsbroker status lists it; by default your default role.")
    var role: String?

    @Argument(parsing: .postTerminator, help: "The command and its arguments.")
    var command: [String] = []

    @Flag(help: "Print what keeps the command from starting as JSON.")
    var json = false

    func validate() throws {
        guard !command.isEmpty else { throw ValidationError("Say what to run: stsbroker exec ROLE -- COMMAND") }
    }

    func run() async throws {
        let dispositions = SignalDispositions()
        try await Session.run(daemon) { session in
            let status = try await session.daemon.status()
            let role = try status.role(named: role)
            guard case .container(let url, _) = try status.endpoint(of: role) else {
                throw RoleUnavailable(
                    message: "exec needs a container listener at an address; stsbrokerd.yaml has none.")
            }
            let token = try await session.daemon.scopedToken(
                ScopedTokenCall(
                    role: role.name, lifetimeSeconds: ScopedTokenCall.longestForProcess, endsWithProcess: true))
            guard let file = token.tokenFile else { throw DaemonClientError.unusableAnswer }
            let endpoint = RoleEndpoint.container(url: url, tokenFile: file)
            // Of exec itself there is an error, or nothing, that a program could take for the command's.
            if !json { warnOfProfiles() }
            prepare(SDKEnvironment(endpoint, in: ProcessInfo.processInfo.environment), role: role.name)
        }
        dispositions.restore()
        throw ProgramReplacement.run(command)
    }

    private func prepare(_ variables: SDKEnvironment, role: String) {
        for name in variables.unset { unsetenv(name) }
        for variable in variables.set { setenv(variable.name, variable.value, 1) }
        setenv("STSBROKER_ROLE", role, 1)
    }

    /// SDKs look into profiles before they ask the endpoint.
    private func warnOfProfiles() {
        for file in AWSFile.allCases {
            guard let contents = file.contents(), ProfileFile(contents).outranks(file) else { continue }
            tell(
                "Warning: the default profile of \(file.path()) outranks the role for many programs; see stsbroker doctor."
            )
        }
    }
}
