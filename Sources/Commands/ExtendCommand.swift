import ArgumentParser
import BrokerAPI

struct ExtendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "extend",
        abstract: "Ask for more time, before what was granted ends.",
        discussion: """
            This is a new request for the same policy, decided anew; it begins when the one before it ends, which it doesn't change. \
            Exit status: 0 granted, 4 waiting for approval, 5 denied.
            """)

    @OptionGroup var options: BrokerOptions

    @Argument(help: "The id of what was granted, or enough of its beginning.")
    var request: String

    @Option(help: "How much longer: 30m, 1h; by default as long as before.")
    var duration: DurationArgument?

    @Option(help: "Why, for those who decide; by default the same as before.")
    var reason: String?

    func run() async throws {
        try await options.run { broker in
            let granted = try await broker.request(request)
            guard let call = Self.call(extending: granted, seconds: duration?.seconds, reason: reason) else {
                throw Obstacle(
                    "Error: only what is granted can be extended; this is \(granted.state). Run: stsbroker request \(granted.policy)"
                )
            }
            let extended = try await broker.client.createRequest(call, idToken: broker.idToken)
            print(options.json ? try JSONText.of(extended) : RequestText.line(extended))
            if let status = RequestCommand.exitCode(of: extended) { throw status }
        }
    }

    /// `nil` if nothing is granted, or nothing any more.
    static func call(extending request: RequestSummary, seconds: Int?, reason: String?) -> RequestCall? {
        guard ["active", "scheduled"].contains(request.state), let end = request.endsAt else { return nil }
        return RequestCall(
            policy: request.policy, durationSeconds: seconds ?? request.durationSeconds,
            reason: reason ?? request.reason, ticket: request.ticket,
            inlinePolicy: request.inlinePolicy, startsAt: end)
    }
}
