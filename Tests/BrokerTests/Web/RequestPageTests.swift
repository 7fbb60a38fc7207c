import AccessControl
import Foundation
import HTTPTypes
import Testing

@testable import Broker

@Suite struct RequestPageTests {
    private let broker: BrokerUnderTest

    init() async throws { broker = try await BrokerUnderTest(hasPages: true) }

    private func asked(_ policy: String = "admin", reason: String = "to mend it") async throws -> String {
        let body = try JSONSerialization.data(
            withJSONObject: ["policy": policy, "duration_seconds": 1800, "reason": reason])
        let answer = try await broker.send(.post, "/v1/requests", body: String(decoding: body, as: UTF8.self))
        return try #require(answer.json["request_id"] as? String)
    }

    private func state(_ id: String) async throws -> String? {
        try await broker.send(.get, "/v1/requests/\(id)").json["state"] as? String
    }

    private func decide(
        _ choice: String, _ id: String, in browser: TestBrowser, comment: String = ""
    ) async throws -> Answer {
        let page = try await browser.send(.get, "/requests/\(id)")
        let fields = page.hiddenFields(of: "/requests/\(id)/decision")
        return try await browser.send(
            .post, "/requests/\(id)/decision", form: fields + [("decision", choice), ("comment", comment)])
    }

    @Test func `defect A1: whoever follows, fetches ahead or scans a link changes nothing, signed in or not`()
        async throws
    {
        let id = try await asked()
        let before = try await broker.auditKinds()
        for browser in [TestBrowser(broker), try await .signedIn(broker, as: FakeTokens.guardian)] {
            for method in [HTTPRequest.Method.get, .head] {
                for path in [
                    "/requests/\(id)", "/requests", "/requests/\(id)/decision",
                    "/requests/\(id)/decision?decision=approve",
                    "/credentials/approve?requestid=\(id)&userid=developer", "/requests/\(id)/revoke",
                    "/sign-in?request=\(id)",
                ] {
                    let answer = try await browser.send(method, path)
                    #expect([200, 303].contains(answer.status), "\(method) \(path): \(answer.status)")
                    if method == .head { #expect(answer.body.isEmpty) }
                }
            }
        }
        #expect(try await state(id) == "pending")
        #expect(try await broker.auditKinds() == before)
        #expect(broker.sts.calls.isEmpty)
    }

    @Test
    func `defect A1: the original's approve link leads to the page, which says nothing to those who aren't signed in`()
        async throws
    {
        let id = try await asked()
        let browser = TestBrowser(broker)
        let link = try await browser.send(.get, "/credentials/approve?requestid=\(id)&userid=developer")
        #expect(link.status == 303 && link.headers[.location] == "/requests/\(id)")
        let page = try await browser.send(.get, "/requests/\(id)")
        #expect(page.status == 303 && page.headers[.location] == "/sign-in?request=\(id)")
        let unknown = RequestID.random().description
        let (known, other) = (
            try await browser.send(.get, "/sign-in?request=\(id)"),
            try await browser.send(.get, "/sign-in?request=\(unknown)")
        )
        #expect(known.status == 200 && known.body.replacing(id, with: unknown) == other.body)
        #expect(!known.body.contains("admin"))
        for odd in ["", "?requestid=", "?requestid=//evil.example", "?requestid=\(id)%0d%0aSet-Cookie:x=y"] {
            let answer = try await browser.send(.get, "/credentials/approve\(odd)")
            #expect(answer.status == 303 && answer.headers[.location] == "/requests", "\(odd)")
        }
    }

    @Test func `defect A5: a decision that is sent again is told so, and mints nothing`() async throws {
        let id = try await asked()
        let browser = try await TestBrowser.signedIn(broker, as: FakeTokens.guardian)
        let page = try await browser.send(.get, "/requests/\(id)")
        let form =
            page.hiddenFields(of: "/requests/\(id)/decision") + [("decision", "approve"), ("comment", "as agreed")]
        let first = try await browser.send(.post, "/requests/\(id)/decision", form: form)
        #expect(first.status == 303 && first.headers[.location] == "/requests/\(id)")
        for _ in 0..<3 {
            let again = try await browser.send(.post, "/requests/\(id)/decision", form: form)
            #expect(again.status == 409)
            #expect(again.body.contains("the first one counted") && again.body.contains("href=\"/requests/\(id)\""))
        }
        let fresh = try await decide("deny", id, in: browser)
        #expect(fresh.status == 409, "there is no form any more, so no token")
        #expect(try await state(id) == "active")
        #expect(try await broker.auditKinds().count { $0 == .vote } == 1)
        #expect(broker.sts.calls.isEmpty)
        let result = try await browser.send(.get, "/requests/\(id)")
        #expect(result.body.contains("You approved it.") && result.body.contains("as agreed"))
        #expect(!result.body.contains("name=\"decision\""))
    }

    @Test func `one form sent twenty times at once counts once`() async throws {
        let id = try await asked()
        let browser = try await TestBrowser.signedIn(broker, as: FakeTokens.guardian)
        let form =
            try await browser.send(.get, "/requests/\(id)").hiddenFields(of: "/requests/\(id)/decision")
            + [("decision", "approve")]
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<20 {
                group.addTask { try await browser.send(.post, "/requests/\(id)/decision", form: form).status }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.count { $0 == 303 } == 1 && statuses.count { $0 == 409 } == 19, "\(statuses)")
        #expect(try await broker.auditKinds().count { $0 == .vote } == 1)
    }

    @Test func `the page shows all of what is approved, and nothing that somebody wrote stands as anything but text`()
        async throws
    {
        let policies = BrokerUnderTest.policies.replacing(
            "risk: 80, ", with: #"risk: 80, user_tags: [department], default_tags: [{stage: prod}], "#)
        try await broker.load(policies)
        let id = try await asked(reason: "</dd><script>alert(1)</script>\u{202E}\nsecond \"line\" & 'more'")
        let page = try await TestBrowser.signedIn(broker, as: FakeTokens.guardian).send(.get, "/requests/\(id)")
        for text in [
            "developer asks for admin", "developer@example.com", "developers", "administers", "111122223333",
            "80 of 100",
            "30 min", "from its approval", "risk 80 is over 50", "department", "research", "stage", "prod",
            "1 must approve, of security", "Nobody has decided yet", "It waits for 1 approval",
            "&lt;/dd&gt;&lt;script&gt;alert(1)&lt;/script&gt;\u{FFFD}\nsecond &quot;line&quot; &amp; &#39;more&#39;",
        ] {
            #expect(page.body.contains(text), "\(text)")
        }
        #expect(!page.body.contains("<script"))
        let shown = try await broker.send(.get, "/v1/requests/\(id)")
        #expect(page.body.contains(try #require(shown.json["content_hash"] as? String)))
    }

    @Test func `defect A9: the page shows those who decide what AWS is asked for, and nobody else`() async throws {
        try await broker.load(ApprovedSessionTests.policies)
        let id = try await asked()
        let (guardian, developer) = (
            try await TestBrowser.signedIn(broker, as: FakeTokens.guardian),
            try await TestBrowser.signedIn(broker, as: FakeTokens.developer)
        )
        let texts = [
            "What AWS is asked for", "arn:aws:iam::111122223333:role/Admin", "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "<li><code>stage</code></li>", "One is sent.", "The user's name is sent.",
            "Narrowed by the policy's own inline policy",
            "&quot;Resource&quot; : &quot;arn:aws:s3:::research/*&quot;",
        ]
        for decision in [nil, "approve"] {
            if let decision { #expect(try await decide(decision, id, in: guardian).status == 303) }
            let page = try await guardian.send(.get, "/requests/\(id)").body
            for text in texts { #expect(page.contains(text), "\(text)") }
            #expect(!page.contains("secret-word"))
            let own = try await developer.send(.get, "/requests/\(id)").body
            for text in texts + ["arn:aws:", "secret-word"] { #expect(!own.contains(text), "\(text)") }
            #expect(own.contains("111122223333") && own.contains("80 of 100"))
        }
        try await broker.load(ApprovedSessionTests.policies.replacing("role/Admin", with: "role/Root"))
        let changed = try await guardian.send(.get, "/requests/\(id)").body
        #expect(!changed.contains("arn:aws:") && changed.contains("It has changed since, or is gone."))
    }

    @Test func `what a policy leaves out is said to be left out`() async throws {
        try await broker.load(
            BrokerUnderTest.policies.replacing("risk: 80, ", with: "risk: 80, source_identity: false, "))
        let id = try await asked()
        let page = try await TestBrowser.signedIn(broker, as: FakeTokens.guardian).send(.get, "/requests/\(id)").body
        #expect(page.contains("<dt>External id</dt><dd>None is sent.</dd>"))
        #expect(page.contains("<dt>Source identity</dt><dd>None is sent.</dd>"))
        #expect(page.contains("<dt>Narrowed by IAM policies</dt><dd>None.</dd>"))
        #expect(!page.contains("<pre"))
    }

    @Test func `the page shows an inline policy of the request, whatever stands in it, as text`() async throws {
        let inline =
            #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"</pre><script>"}]}"#
        let body = try JSONSerialization.data(withJSONObject: ["policy": "admin", "inline_policy": inline])
        let asked = try await broker.send(.post, "/v1/requests", body: String(decoding: body, as: UTF8.self))
        let id = try #require(asked.json["request_id"] as? String)
        let page = try await TestBrowser.signedIn(broker, as: FakeTokens.guardian).send(.get, "/requests/\(id)")
        #expect(page.body.contains("Narrowed by an inline policy of the request"))
        #expect(page.body.contains("&quot;Effect&quot; : &quot;Allow&quot;"), "\(page.body)")
        #expect(page.body.contains("&lt;/pre&gt;&lt;script&gt;") && !page.body.contains("<script"))
    }

    @Test func `an unknown request, a malformed one and one of others look the same`() async throws {
        let id = try await asked()
        for token in [FakeTokens.stranger, FakeTokens.tagless] {
            let browser = try await TestBrowser.signedIn(broker, as: token)
            let pages = try await [id, RequestID.random().description, "x"].async {
                try await browser.send(.get, "/requests/\($0)")
            }
            let bodies = pages.map { $0.body.replacing(#/value="[^"]*"/#, with: "") }
            #expect(pages.allSatisfy { $0.status == 404 } && Set(bodies).count == 1)
        }
    }

    @Test func `a policy that changes while the page is open voids what it shows`() async throws {
        let id = try await asked()
        let browser = try await TestBrowser.signedIn(broker, as: FakeTokens.guardian)
        let form =
            try await browser.send(.get, "/requests/\(id)").hiddenFields(of: "/requests/\(id)/decision")
            + [("decision", "approve")]
        try await broker.load(BrokerUnderTest.policies.replacing("role/Admin", with: "role/Root"))
        let stale = try await browser.send(.post, "/requests/\(id)/decision", form: form)
        #expect(stale.status == 409 && stale.body.contains("The policy has changed"))
        let page = try await browser.send(.get, "/requests/\(id)")
        #expect(page.body.contains("can only be denied") && !page.body.contains("value=\"approve\""))
        #expect(try await decide("deny", id, in: browser).status == 303)
        #expect(try await state(id) == "denied")
    }

    @Test func `whoever asked may cancel, and end what was granted; approvers may deny and revoke`() async throws {
        let (developer, guardian) = (
            try await TestBrowser.signedIn(broker, as: FakeTokens.developer),
            try await TestBrowser.signedIn(broker, as: FakeTokens.guardian)
        )
        func press(_ verb: String, _ id: String, in browser: TestBrowser) async throws -> Int {
            let form = try await browser.send(.get, "/requests/\(id)").hiddenFields(of: "/requests/\(id)/\(verb)")
            #expect(form.count == 2, "there is a form that says \(verb)")
            return try await browser.send(.post, "/requests/\(id)/\(verb)", form: form + [("comment", "a\r\nb")]).status
        }
        let first = try await asked()
        #expect(try await press("cancel", first, in: developer) == 303)
        #expect(try await state(first) == "cancelled")
        for browser in [developer, guardian] {
            let id = try await asked()
            #expect(try await decide("approve", id, in: guardian).status == 303)
            #expect(try await press("revoke", id, in: browser) == 303)
            #expect(try await state(id) == "revoked")
        }
        let denied = try await asked()
        #expect(try await decide("deny", denied, in: guardian, comment: "one\r\ntwo").status == 303)
        #expect(try await state(denied) == "denied")
        #expect(try await developer.send(.get, "/requests/\(denied)").body.contains("one\ntwo"))
    }

    @Test func `the list has what waits for me and what I asked for, and no more`() async throws {
        let id = try await asked("root")
        let guardian = try await TestBrowser.signedIn(broker, as: FakeTokens.guardian)
        #expect(try await guardian.send(.get, "/requests").body.contains("/requests/\(id)"))
        #expect(try await decide("approve", id, in: guardian).status == 303)
        #expect(try await guardian.send(.get, "/requests").body.contains("Nothing waits for you."))
        let own = try await TestBrowser.signedIn(broker, as: FakeTokens.developer).send(.get, "/requests").body
        #expect(own.contains("/requests/\(id)") && own.contains("Nothing waits for you."))
        let stranger = try await TestBrowser.signedIn(broker, as: FakeTokens.stranger).send(.get, "/requests").body
        #expect(!stranger.contains(id))
    }

    @Test func `a store that fails shows a page that says so`() async throws {
        let id = try await asked()
        let browser = try await TestBrowser.signedIn(broker, as: FakeTokens.guardian)
        let form = try await browser.send(.get, "/requests/\(id)").hiddenFields(of: "/requests/\(id)/decision")
        broker.records.fail(.read)
        let unchanged = try await browser.send(
            .post, "/requests/\(id)/decision", form: form + [("decision", "approve")])
        #expect(unchanged.status == 503 && unchanged.body.contains("Nothing was changed"))
        #expect(unchanged.headers[.retryAfter] == "5")
        for path in ["/requests", "/requests/\(id)"] {
            let answer = try await browser.send(.get, path)
            #expect(answer.status == 503 && answer.headers[.contentType] == "text/html; charset=utf-8")
            #expect(answer.headers[.retryAfter] == "5")
        }
    }
}

extension Sequence {
    fileprivate func async<Result>(_ transform: (Element) async throws -> Result) async throws -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
