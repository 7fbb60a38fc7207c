import ArgumentParser
import BrokerAPI
import Glibc

/// What the verbs that change a request have in common.
struct DecisionOptions: ParsableArguments {
    @OptionGroup var broker: BrokerOptions

    @Argument(help: "The request's id, or enough of its beginning.")
    var request: String

    @Option(help: "A comment, for whoever asked and for the audit trail.")
    var comment: String?

    func show(_ request: RequestSummary) throws {
        print(broker.json ? try JSONText.of(request) : RequestText.line(request))
    }
}

struct ApproveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Approve a request that waits for your decision.",
        discussion: "Shows what is asked for and, on a terminal, asks before it approves exactly that.")

    @OptionGroup var options: DecisionOptions

    @Flag(help: "Don't ask.")
    var yes = false

    func run() async throws {
        try await options.broker.run { broker in
            let shown = try await broker.wholeRequest(options.request)
            tell(RequestText.content(shown))
            guard yes || isatty(STDIN_FILENO) == 0 || isConfirmed() else {
                throw Obstacle("Nothing was decided.")
            }
            let call = DecisionCall(decision: "approve", contentHash: shown.contentHash, comment: options.comment)
            try options.show(try await broker.client.decide(shown.requestID, call, idToken: broker.idToken))
        }
    }

    private func isConfirmed() -> Bool {
        ["y", "yes"].contains(Terminal.answer(to: "Approve this? [y/N]")?.lowercased() ?? "")
    }
}

struct DenyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deny", abstract: "Deny a request that waits for your decision.")

    @OptionGroup var options: DecisionOptions

    func run() async throws {
        try await options.broker.run { broker in
            let shown = try await broker.request(options.request)
            let call = DecisionCall(decision: "deny", contentHash: shown.contentHash, comment: options.comment)
            try options.show(try await broker.client.decide(shown.requestID, call, idToken: broker.idToken))
        }
    }
}

struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Take back a request of yours that nobody has decided on.")

    @OptionGroup var options: DecisionOptions

    func run() async throws {
        try await options.end("cancel")
    }
}

struct RevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "End access that was granted, your own or one that you may decide on.",
        discussion: """
            From now on the broker issues nothing under it, and daemons drop what they hold within 30 seconds. Credentials that programs have copied are good until they expire.
            """)

    @OptionGroup var options: DecisionOptions

    func run() async throws {
        try await options.end("revoke")
    }
}

extension DecisionOptions {
    /// Those who may revoke what they decided on don't have it in their lists any more, so a whole id is taken as it is.
    fileprivate func end(_ verb: String) async throws {
        try await broker.run { broker in
            let isWhole = request.utf8.count == 32 && request.utf8.allSatisfy("0123456789abcdef".utf8.contains)
            let id = isWhole ? request : try await broker.request(request).requestID
            try show(try await broker.client.end(id, verb, comment: comment, idToken: broker.idToken))
        }
    }
}
