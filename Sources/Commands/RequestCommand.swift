import ArgumentParser
import BrokerAPI

struct RequestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request",
        abstract: "Ask for access under a policy, which somebody may have to approve.",
        discussion: """
            Once it is granted, the daemon hands out its credentials. Exit status: 0 granted, 4 waiting for approval, 5 denied.
            """)

    @OptionGroup var options: BrokerOptions

    @Argument(help: "The policy; stsbroker policies lists them.")
    var policy: String

    @Option(help: "How long: 30m, 1h; by default as long as the policy allows.")
    var duration: DurationArgument?

    @Option(help: "Why, for those who decide.")
    var reason: String?

    @Option(help: "When it should begin, such as 2030-01-31T09:00:00Z; by default as soon as it is granted.")
    var start: String?

    @Option(help: "How to be told what becomes of it: email, slack or none; by default email, if the broker can.")
    var channel: String?

    @Flag(help: "Wait until somebody has decided.")
    var wait = false

    func run() async throws {
        try await options.run { broker in
            let call = RequestCall(
                policy: policy, durationSeconds: duration?.seconds, reason: reason, startsAt: start, channel: channel)
            var request = try await broker.client.createRequest(call, idToken: broker.idToken)
            if wait { request = try await decided(request, by: broker) }
            print(options.json ? try JSONText.of(request) : RequestText.line(request))
            if let status = Self.exitCode(of: request) { throw status }
        }
    }

    private func decided(_ request: RequestSummary, by broker: BrokerAccess) async throws -> RequestSummary {
        var request = request
        if request.state == "pending" {
            tell("Waiting for approval of request \(request.requestID); Ctrl-C stops waiting only.")
        }
        while request.state == "pending" {
            try await ContinuousClock().sleep(for: .seconds(5))
            request = try await broker.request(request.requestID)
        }
        return request
    }

    static func exitCode(of request: RequestSummary) -> ExitCode? {
        switch request.state {
        case "active", "scheduled": nil
        case "pending": CommandFailure.approvalPending
        case "denied", "revoked": CommandFailure.denied
        default: CommandFailure.failed
        }
    }
}

/// `90s`, `30m`, `2h`, or plain seconds.
struct DurationArgument: ExpressibleByArgument {
    let seconds: Int

    init?(argument: String) {
        let units = ["s": 1, "m": 60, "h": 3600]
        let unit = argument.last.flatMap { units[String($0)] }
        let digits = unit == nil ? argument[...] : argument.dropLast()
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int(digits),
            count > 0, count <= 30 * 86_400
        else { return nil }
        seconds = count * (unit ?? 1)
    }
}
