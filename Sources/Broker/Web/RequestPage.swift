import AccessControl
import Credentials

/// One request: exactly what is approved, what was said to it, and what its reader may do.
struct RequestPage {
    /// Makes a token for each of the page's forms.
    struct Tokens {
        let token: (FormTokens.Purpose.Act) -> String

        init(_ token: @escaping (FormTokens.Purpose.Act) -> String) {
            self.token = token
        }
    }

    let shown: ShownRequest
    let tokens: Tokens

    private var approval: ApprovalCase { shown.approval }
    private var content: RequestContent { shown.approval.content }

    func document(for visitor: Visitor) -> HTML {
        PageLayout.document(
            title: "\(approval.userName) asks for \(content.policyID)", visitor: visitor,
            body: """
                <p role="status" class="state \(shown.state.rawValue)">\(RequestText.state(shown))</p>
                <section aria-labelledby="asked">
                <h2 id="asked">What is asked for</h2>
                <dl>
                \(facts.map(Self.entry))
                </dl>
                </section>
                \(tags)
                \(shown.session.map { SessionSection(session: $0).html } ?? "")
                \(inlinePolicy)
                \(votes)
                \(RequestForms(shown: shown, tokens: tokens).html)
                <details>
                <summary>For the record</summary>
                <dl>
                \(record.map(Self.entry))
                </dl>
                </details>
                """)
    }

    typealias Fact = (name: HTML, value: HTML)

    private var facts: [Fact] {
        var facts: [Fact] = [
            ("Who asks", "<bdi>\(approval.userName)</bdi>\(requester)"),
            ("Policy", "<strong><bdi>\(content.policyID)</bdi></strong>\(description)"),
            ("Why", content.reason.map { "<span class=\"said\">\($0)</span>" } ?? "No reason was given."),
            ("How long", "\(RequestText.duration(content.durationSeconds))"), ("When", RequestText.window(approval)),
        ]
        if let ticket = content.ticket { facts.append(("Ticket", "<bdi>\(ticket)</bdi>")) }
        if let policy = shown.policy {
            facts.append(("AWS account", "\(policy.account)"))
            facts.append(("Risk", "\(policy.risk.value) of 100"))
        }
        if let reasons = approval.approvalReasons, !reasons.isEmpty {
            facts.append(("Why approval is needed", "\(reasons.joined(separator: "; "))"))
        }
        facts.append(("Asked at", RequestText.time(approval.createdAt)))
        return facts
    }

    private var requester: HTML {
        let mail: HTML = approval.requesterEmail.map { ", <bdi>\($0)</bdi>" } ?? ""
        guard !approval.requesterTeams.isEmpty else { return mail }
        return "\(mail), of \(approval.requesterTeams.joined(separator: ", "))"
    }

    private var description: HTML {
        shown.policy.map { "<br>\($0.description)" } ?? "<br>It has changed since, or is gone."
    }

    private var tags: HTML {
        let rows: [HTML] = content.tags.map { tag in
            "<tr><th scope=\"row\"><bdi>\(tag.key)</bdi></th><td><bdi>\(tag.value)</bdi></td></tr>"
        }
        guard !rows.isEmpty else { return "<p>The credentials carry no session tags.</p>" }
        return """
            <table>
            <caption>Session tags of the credentials</caption>
            <thead><tr><th scope="col">Tag</th><th scope="col">Value</th></tr></thead>
            <tbody>
            \(rows)
            </tbody>
            </table>
            """
    }

    private var inlinePolicy: HTML {
        guard let text = content.inlinePolicy else { return "" }
        return """
            <section aria-labelledby="narrowed">
            <h2 id="narrowed">Narrowed by an inline policy of the request</h2>
            <pre tabindex="0">\(RequestedInlinePolicy.readable(text))</pre>
            </section>
            """
    }

    private var votes: HTML {
        guard let rule = approval.rule else { return "<p>The rules allowed it at once; nobody had to approve.</p>" }
        let entries: [HTML] = approval.votes.map { vote in
            let said: HTML = vote.comment.map { ": <span class=\"said\">\($0)</span>" } ?? ""
            let choice: HTML = vote.choice == .approve ? "approved" : "denied"
            return "<li><bdi>\(vote.userName)</bdi> \(choice) at \(RequestText.time(vote.at))\(said)</li>"
        }
        let list: HTML = entries.isEmpty ? "<p>Nobody has decided yet.</p>" : "<ul>\(entries)</ul>"
        return """
            <section aria-labelledby="votes">
            <h2 id="votes">What approvers have said</h2>
            <p>\(rule.count) must approve, of \(rule.teams.joined(separator: ", ")). One who denies ends it.</p>
            \(list)
            </section>
            """
    }

    private var record: [Fact] {
        [
            ("Request", "<code>\(approval.requestID.description)</code>"),
            ("Policy version", "<code>\(content.policyVersion)</code>"),
            ("Hash of what is shown, to which an approval is bound", "<code>\(approval.contentHash)</code>"),
        ]
    }

    static func entry(_ fact: Fact) -> HTML {
        "<div><dt>\(fact.name)</dt><dd>\(fact.value)</dd></div>"
    }
}
