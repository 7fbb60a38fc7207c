import AccessControl

/// What AWS is asked for, on the page of a request: for those who decide on it.
struct SessionSection {
    let session: ApprovedSession

    var html: HTML {
        """
        <section aria-labelledby="session">
        <h2 id="session">What AWS is asked for</h2>
        <dl>
        \(facts.map(RequestPage.entry))
        </dl>
        </section>
        \(inlinePolicy)
        """
    }

    private var facts: [RequestPage.Fact] {
        let externalID: HTML = session.sendsExternalID ? "One is sent." : "None is sent."
        let identity: HTML = session.sendsSourceIdentity ? "The user's name is sent." : "None is sent."
        return [
            ("Base role", "<code>\(session.baseRole)</code>"),
            ("Narrowed by IAM policies", list(session.managedPolicies)),
            ("Transitive tags", list(session.transitiveTags)),
            ("External id", externalID), ("Source identity", identity),
        ]
    }

    private func list(_ texts: [String]) -> HTML {
        let items: [HTML] = texts.map { text in "<li><code>\(text)</code></li>" }
        return items.isEmpty ? "None." : "<ul>\(items)</ul>"
    }

    private var inlinePolicy: HTML {
        guard let text = session.inlinePolicy else { return "" }
        return """
            <section aria-labelledby="narrowing">
            <h2 id="narrowing">Narrowed by the policy's own inline policy</h2>
            <pre tabindex="0">\(RequestedInlinePolicy.readable(text))</pre>
            </section>
            """
    }
}
