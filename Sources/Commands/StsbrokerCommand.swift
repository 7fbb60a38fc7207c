package import ArgumentParser

/// `stsbroker`: the command line for people. One file per verb.
package struct StsbrokerCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "stsbroker",
        abstract: "Sign in, and see what AWS credentials you may have.",
        discussion: """
            Talks to stsbrokerd over its control socket: --socket, else $STSBROKER_SOCKET, else \
            $XDG_RUNTIME_DIR/stsbrokerd/control.sock if it exists, else /run/stsbrokerd/control.sock.

            Exit status: 0 done, 1 failed, 3 sign-in needed, 5 denied, 6 daemon, broker or identity provider \
            unreachable, 64 wrong arguments.
            """,
        version: "0.1.0",
        subcommands: [LoginCommand.self, StatusCommand.self, PoliciesCommand.self])

    package init() {}

    /// Runs the program: parses the arguments, and exits with the documented status. `main.swift`'s own context would
    /// pick ArgumentParser's synchronous `main()`.
    package static func launch() async {
        await main()
    }
}
