import AccessControl
import ArgumentParser
import BrokerAPI
import Credentials
import FoundationEssentials
import HTTPExchange
import PolicyFiles
import StrictYAML

struct PolicyExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Say what the rules would say to a request, rule by rule.",
        discussion: """
            Nothing is requested. With --policies the files are asked, and no broker is needed; without, the broker is. It explains your \
            own requests to you; those of others, whose facts you give, only to auditors.
            """)

    @OptionGroup var options: BrokerOptions

    @Option(help: "The policy that would be requested.")
    var policy: String

    @Option(help: "Judge by these files of policies, a file or a directory, instead of asking the broker.")
    var policies: String?

    @OptionGroup var person: PersonOptions

    @Option(help: "How long: 30m, 1h; by default as long as the policy allows.")
    var duration: DurationArgument?

    @Option(help: "Why.")
    var reason: String?

    @Option(help: "The ticket that it is for.")
    var ticket: String?

    @Flag(help: "Less will do, where the policy or AWS allows no more.")
    var allowShorter = false

    @Option(help: "When it should begin, such as 2030-01-31T09:00:00Z; by default at once.")
    var start: String?

    @Option(help: "With --policies, when it is asked; by default now.")
    var at: String?

    @Flag(help: "With --policies, as if the broker's own AWS credentials were a role's.")
    var chained = false

    func validate() throws {
        guard policies != nil else {
            guard person.tagClaims.isEmpty else {
                throw ValidationError("--tag-claim goes with --policies; the broker knows which claims give tags.")
            }
            return
        }
        guard person.user != nil else { throw ValidationError("With --policies, say who asks: --user.") }
        for instant in [start, at, person.signedIn] {
            guard let instant, AWSTimestamp.date(instant) == nil else { continue }
            throw ValidationError("\(Excerpt.quoted(instant)) is no instant like 2030-01-31T09:00:00Z.")
        }
        if let source = person.source, SourceAddress(source) == nil {
            throw ValidationError("\(Excerpt.quoted(source)) is no IP address.")
        }
    }

    func run() async throws {
        guard let policies else {
            try await options.run { broker in
                let explanation = try await broker.client.answer(
                    to: call, at: "/v1/explain", as: Explanation.self, idToken: broker.idToken)
                print(options.json ? try JSONText.of(explanation) : Self.text(explanation))
            }
            return
        }
        do throws(InvalidYAML) {
            let catalog = try PolicyFile.read(path: policies).catalog
            let explanation = SupposedRequest(request(at: instant(at) ?? Date()), chainsRoles: chained)
                .explanation(under: catalog)
            print(options.json ? (try? JSONText.of(explanation)) ?? "" : Self.text(explanation))
        } catch {
            throw Obstacle("Error: \(error)")
        }
    }

    /// What the broker is asked.
    var call: ExplainCall {
        let claims = person.claimsByName
        return ExplainCall(
            policy: policy, durationSeconds: duration?.seconds, shorten: allowShorter ? true : nil, reason: reason,
            ticket: ticket, startsAt: start, user: person.user, issuer: person.issuer,
            teams: person.teams.isEmpty ? nil : person.teams, claims: claims.isEmpty ? nil : claims,
            email: person.email, amr: person.amr.isEmpty ? nil : person.amr, acr: person.acr,
            signedInAt: person.signedIn, source: person.source)
    }

    private func request(at instant: Date) -> AccessRequest {
        AccessRequest(
            id: .random(), principal: person.principal, policyID: policy,
            duration: duration.map { .seconds($0.seconds) }, allowsShorter: allowShorter, reason: reason,
            ticket: ticket,
            receivedAt: instant, startsAt: self.instant(start))
    }

    private func instant(_ text: String?) -> Date? { text.flatMap { AWSTimestamp.date($0) } }

    static func text(_ explanation: Explanation) -> String {
        var table = TextTable(header: ["RULE", "SAYS", "BECAUSE"])
        for rule in explanation.rules { table.add([rule.rule, rule.verdict, rule.reason]) }
        var lines = ["\(explanation.policy): \(explanation.outcome.rawValue)", ""] + table.lines
        if let seconds = explanation.durationSeconds, let longest = explanation.longestSeconds {
            lines += ["", "For \(RequestText.length(seconds)), of \(RequestText.length(longest)) at most."]
        }
        if let tags = explanation.tags, !tags.isEmpty {
            var table = TextTable(header: ["TAG", "VALUE", "FROM"])
            for tag in tags { table.add([tag.key, tag.value, tag.source?.description ?? "-"]) }
            lines += [""] + table.lines
        }
        return lines.joined(separator: "\n")
    }
}
