package import ArgumentParser

/// `stsbroker`: the command line for people. One file per verb.
package struct StsbrokerCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "stsbroker",
        abstract: "Sign in, ask for AWS credentials, and decide on what others ask for.",
        discussion: """
            Talks to stsbrokerd over its control socket: --socket, else $STSBROKER_SOCKET, else \
            $XDG_RUNTIME_DIR/stsbrokerd/control.sock if it exists, else /run/stsbrokerd/control.sock.

            Exit status: 0 done, 1 failed, 2 wrong arguments, 3 sign-in needed, 4 approval pending, 5 denied, 6 daemon, broker or identity \
            provider unreachable.
            """,
        version: Version.text,
        subcommands: [
            LoginCommand.self, StatusCommand.self, UseCommand.self, PoliciesCommand.self,
            RequestCommand.self,
            ConsoleCommand.self,
            RequestsCommand.self, ApproveCommand.self, DenyCommand.self, ExtendCommand.self, CancelCommand.self,
            RevokeCommand.self,
            AuditCommand.self, WhoisCommand.self, PolicyCommand.self,
            EnvCommand.self, ExecCommand.self, CredentialProcessCommand.self, AccessCommand.self, SetupCommand.self,
            ConfigureCommand.self, WhoamiCommand.self, LogoutCommand.self, LockCommand.self, UnlockCommand.self,
            ExplainCommand.self, DoctorCommand.self, CompletionsCommand.self, VersionCommand.self,
        ])

    package init() {}

    /// Runs the program: parses the arguments, and exits with the documented status.
    package static func launch() async {
        // Not from the parsed verb: arguments that can't be parsed are told so, too.
        let asksForJSON = CommandLine.arguments.prefix { $0 != "--" }.contains("--json")
        await CommandFailure.$isToldAsJSON.withValue(asksForJSON) {
            do {
                var command = try parseAsRoot()
                if var verb = command as? any AsyncParsableCommand {
                    try await verb.run()
                } else {
                    try command.run()
                }
            } catch {
                end(CommandFailure.reported(error))
            }
        }
    }

    /// Help and versions go to standard output with status 0, problems to standard error.
    private static func end(_ error: any Error) -> Never {
        let status = exitCode(for: error)
        if error is ExitCode || status == .success { exit(withError: error) }
        let code = status == .validationFailure ? CommandFailure.wrongArguments : CommandFailure.failed
        tell(CommandFailure.isToldAsJSON ? ErrorAnswer(message(for: error), code).text : fullMessage(for: error))
        exit(withError: code)
    }
}
