import ArgumentParser
import BrokerAPI
import FoundationEssentials
import Glibc

struct RequestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request",
        abstract: "Ask for access under a policy, which somebody may have to approve.",
        discussion: """
            On a terminal it asks for what no flag says. Once it is granted, the daemon hands out its credentials. Exit status: 0 \
            granted, 4 waiting for approval, 5 denied.
            """)

    @OptionGroup var options: BrokerOptions

    @Argument(help: "The policy; stsbroker policies lists them.")
    var policy: String?

    @Option(help: "How long: 30m, 1h; by default as long as the policy allows.")
    var duration: DurationArgument?

    @Option(help: "Why, for those who decide.")
    var reason: String?

    @Option(help: "The ticket that it is for.")
    var ticket: String?

    @Option(help: "A file with an IAM policy in JSON that narrows the access further.")
    var inlinePolicy: String?

    @Flag(help: "Take less, where the policy or AWS allows no more.")
    var allowShorter = false

    @Option(help: "When it should begin, such as 2030-01-31T09:00:00Z; by default as soon as it is granted.")
    var start: String?

    @Option(help: "How to be told what becomes of it: email, slack, sms or none; by default email, if the broker can.")
    var channel: String?

    @Flag(help: "Wait until somebody has decided.")
    var wait = false

    @Flag(name: .customLong("no-input"), help: "Ask for nothing.")
    var asksNothing = false

    func validate() throws {
        guard policy != nil || isInteractive else {
            throw ValidationError("Name a policy; stsbroker policies lists them.")
        }
    }

    private var isInteractive: Bool {
        !asksNothing && Terminal.isTerminal(STDIN_FILENO) && Terminal.isTerminal(STDERR_FILENO)
    }

    func run() async throws {
        try await options.run { broker in
            let call = try await call(broker)
            var request = try await broker.client.createRequest(call, idToken: broker.idToken)
            if let shortened = request.shortened { tell("Shorter than you asked for: \(shortened.reason).") }
            if wait { request = try await decided(request, by: broker) }
            print(options.json ? try JSONText.of(request) : RequestText.line(request))
            if let status = Self.exitCode(of: request) { throw status }
        }
    }

    private func call(_ broker: BrokerAccess) async throws -> RequestCall {
        var call = RequestCall(
            policy: policy ?? "", durationSeconds: duration?.seconds, reason: reason, ticket: ticket,
            inlinePolicy: try inlinePolicy.map(Self.policyText),
            shorten: allowShorter ? true : nil, startsAt: start, channel: channel)
        guard isInteractive else { return call }
        let list = policy == nil ? try await broker.client.policies(idToken: broker.idToken).policies : []
        try RequestQuestions(policies: list) { Terminal.answer(to: $0) }.complete(&call, asksForPolicy: policy == nil)
        return call
    }

    static func policyText(in file: String) throws(ConfigurationFault) -> String {
        guard let text = try? String(contentsOf: URL(filePath: file), encoding: .utf8) else {
            throw ConfigurationFault(message: "\(file) can't be read as text; name a file with an IAM policy in JSON.")
        }
        return text
    }

    private func decided(_ request: RequestSummary, by broker: BrokerAccess) async throws -> RequestSummary {
        var request = request
        if request.state == "pending" {
            tell("Waiting for approval of request \(request.requestID); Ctrl-C stops waiting only.")
        }
        let clock = ContinuousClock()
        let start = clock.now
        while request.state == "pending" {
            for _ in 0..<5 {
                ProgressLine.shared.show(Self.waitingLine(request, for: start.duration(to: clock.now)))
                try await clock.sleep(for: .seconds(1))
            }
            request = try await broker.request(request.requestID)
        }
        return request
    }

    static func waitingLine(_ request: RequestSummary, for time: Duration) -> String {
        let approvals = request.votes.count { $0.decision == "approve" }
        return
            "\(approvals) of \(request.approvalsNeeded) approval(s) after \(TimeText.rough(Double(time.components.seconds)))"
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
