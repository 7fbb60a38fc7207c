import ArgumentParser
import BrokerAPI
import DaemonAPI

struct ConsoleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "console",
        abstract: "Print a link that signs a browser in to the AWS console.",
        discussion: """
            The link is good for 15 minutes, for whoever has it: open it, and don't pass it on. The console stays signed in until \
            the access ends.
            """)

    @OptionGroup var options: BrokerOptions

    @Argument(help: "The role, as stsbroker status lists it, or a policy.")
    var role: String

    @Option(help: "How long: 30m, 1h; by default as long as the policy allows.")
    var duration: DurationArgument?

    @Option(help: "Why, for those who decide and for the audit trail.")
    var reason: String?

    @Option(help: "A page of the console to begin at, such as https://console.aws.amazon.com/s3/home.")
    var destination: String?

    func run() async throws {
        try await options.run { broker in
            let call = ConsoleLinkCall(
                policy: try await policy(), durationSeconds: duration?.seconds, reason: reason,
                destination: destination)
            let link = try await broker.client.consoleLink(call, idToken: broker.idToken)
            print(options.json ? try JSONText.of(link) : link.signInURL)
        }
    }

    /// The policy of the daemon's role of that name, if there is one.
    private func policy() async throws -> String {
        var policy = role
        try await Session.run(options.daemon) { session in
            policy = try await session.daemon.status().roles.first { $0.name == role }?.policy ?? role
        }
        return policy
    }
}
