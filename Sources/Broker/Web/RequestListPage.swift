import AccessControl
import FoundationEssentials

/// What waits for somebody, and what they asked for themselves.
struct RequestListPage {
    let waiting: CasePage
    let own: CasePage
    let at: Date

    init(waiting: CasePage, own: CasePage, at now: Date) {
        self.waiting = waiting
        self.own = own
        at = now
    }

    func document(for visitor: Visitor) -> HTML {
        PageLayout.document(
            title: "Requests", visitor: visitor,
            body: """
                <section aria-labelledby="waiting">
                <h2 id="waiting">Waiting for your decision</h2>
                \(list(waiting, none: "Nothing waits for you."))
                </section>
                <section aria-labelledby="own">
                <h2 id="own">What you asked for</h2>
                \(list(own, none: "You have asked for nothing that people follow."))
                </section>
                """)
    }

    private func list(_ page: CasePage, none: HTML) -> HTML {
        let isWhole = page.next == nil
        let more: HTML = isWhole ? "" : "<p>There may be more: <code>stsbroker requests</code> lists all of them.</p>"
        guard !page.cases.isEmpty else { return isWhole ? "<p>\(none)</p>" : more }
        let entries: [HTML] = page.cases.map { approval in
            """
            <li><a href="/requests/\(approval.requestID.description)"><bdi>\(approval.userName)</bdi> asks for \
            <bdi>\(approval.content.policyID)</bdi></a><br>
            \(approval.state(at: at).rawValue), \(RequestText.duration(approval.content.durationSeconds)), asked at \
            \(RequestText.time(approval.createdAt))</li>
            """
        }
        return "<ul class=\"requests\">\(entries)</ul>\(more)"
    }
}
