import AccessControl
import Foundation
import HTTPTypes
import Testing

@testable import Broker

/// Who gets in, how long, and which forms count.
@Suite struct WebGateTests {
    private let broker: BrokerUnderTest

    init() async throws { broker = try await BrokerUnderTest(hasPages: true) }

    private static let session = "__Host-stsbroker"

    private func asked() async throws -> String {
        let answer = try await broker.send(.post, "/v1/requests", body: #"{"policy":"admin","duration_seconds":1800}"#)
        return try #require(answer.json["request_id"] as? String)
    }

    private func form(_ id: String, in browser: TestBrowser) async throws -> [(String, String)] {
        try await browser.send(.get, "/requests/\(id)").hiddenFields(of: "/requests/\(id)/decision")
            + [("decision", "approve")]
    }

    private func isPending(_ id: String) async throws -> Bool {
        try await broker.send(.get, "/v1/requests/\(id)").json["state"] as? String == "pending"
    }

    @Test func `somebody who signs in comes to what they wanted, with a new session each time`() async throws {
        let id = try await asked()
        let browser = TestBrowser(broker)
        let back = try await browser.signIn(as: FakeTokens.guardian, wanting: "?request=\(id)")
        #expect(back.status == 303 && back.headers[.location] == "/requests/\(id)")
        let cookie = try #require(back.headers[values: .setCookie].first { $0.hasPrefix(Self.session + "=") })
        for part in ["; Path=/", "; HttpOnly", "; Secure", "; SameSite=Lax", "; Max-Age=1800"] {
            #expect(cookie.contains(part), "\(cookie)")
        }
        #expect(browser.jar.count == 1, "the sign-in's own cookie is gone")
        let first = try #require(browser.jar[Self.session])
        try await browser.signIn(as: FakeTokens.guardian)
        #expect(browser.jar[Self.session] != first)
        browser.jar = [Self.session: first]
        #expect(try await browser.send(.get, "/requests").status == 303, "the session before has ended")
    }

    @Test(arguments: ["//evil.example", "https://evil.example/", "/requests", "0123", "", "x%0d%0aLocation:%20y"])
    func `nobody is sent elsewhere after signing in`(request: String) async throws {
        let back = try await TestBrowser(broker).signIn(as: FakeTokens.guardian, wanting: "?request=\(request)")
        #expect(back.headers[.location] == "/requests")
    }

    @Test func `a sign-in that another browser has begun, or none, or long ago, is refused`() async throws {
        let (own, other) = (TestBrowser(broker), TestBrowser(broker))
        _ = try await other.send(.get, "/sign-in/start")
        let callback = "/sign-in/callback?code=\(FakeTokens.guardian)&state=x"
        #expect(try await own.send(.get, callback).status == 403)
        own.jar = other.jar.mapValues { String($0.dropLast()) + ($0.hasSuffix("A") ? "B" : "A") }
        #expect(try await own.send(.get, callback).status == 403)
        broker.clock.advance(by: SignInSeal.patience + 1)
        let late = try await other.send(.get, callback)
        #expect(late.status == 403 && late.body.contains("Begin it again"))
        #expect(own.jar[Self.session] == nil && other.jar[Self.session] == nil)
    }

    @Test(arguments: [
        (FakeTokens.expired, 403), (FakeTokens.otherIssuer, 403), (FakeTokens.unverifiable, 503), ("down", 503),
    ])
    func `a token that doesn't verify signs nobody in`(token: String, status: Int) async throws {
        let browser = TestBrowser(broker)
        let back = try await browser.signIn(as: token)
        #expect(back.status == status && back.headers[.contentType] == "text/html; charset=utf-8")
        #expect(browser.jar[Self.session] == nil)
    }

    @Test func `a session ends with its time, with its token, and at sign-out`() async throws {
        let id = try await asked()
        let browser = try await TestBrowser.signedIn(broker, as: FakeTokens.guardian)
        let page = try await browser.send(.get, "/requests/\(id)")
        let kept = browser.jar
        let out = try await browser.send(.post, "/sign-out", form: page.hiddenFields(of: "/sign-out"))
        #expect(out.status == 303 && out.headers[.location] == "/sign-in" && browser.jar.isEmpty)
        browser.jar = kept
        #expect(try await browser.send(.get, "/requests/\(id)").status == 303)
        let refused = try await browser.send(
            .post, "/requests/\(id)/decision",
            form: page.hiddenFields(of: "/requests/\(id)/decision") + [("decision", "approve")])
        #expect(refused.status == 403 && refused.body.contains("not signed in any more"))

        let later = try await TestBrowser.signedIn(broker, as: FakeTokens.guardian)
        broker.clock.advance(by: 1799)
        #expect(try await later.send(.get, "/requests").status == 200)
        broker.clock.advance(by: 1)
        #expect(try await later.send(.get, "/requests").status == 303)
        #expect(try await isPending(id))
    }

    @Test(
        arguments: [
            ("https://evil.example", "cross-site"), ("https://evil.example", nil), (nil, nil), ("null", nil),
            ("null", "cross-site"), (FakeProvider.origin, "cross-site"), (FakeProvider.origin, "same-site"),
            ("http://broker.example", nil), (nil, "cross-site"), (nil, "none"),
        ] as [(String?, String?)])
    func `a form from elsewhere changes nothing`(origin: String?, site: String?) async throws {
        let id = try await asked()
        let browser = try await TestBrowser.signedIn(broker, as: FakeTokens.guardian)
        let form = try await form(id, in: browser)
        let refused = try await browser.send(.post, "/requests/\(id)/decision", form: form, origin: origin, site: site)
        #expect(refused.status == 403 && refused.body.contains("Nothing was changed"))
        #expect(try await isPending(id))
        // The same form is good where it belongs: it was not used up.
        #expect(try await browser.send(.post, "/requests/\(id)/decision", form: form).status == 303)
    }

    @Test(
        arguments: [(FakeProvider.origin, nil), ("null", "same-origin"), (nil, "same-origin")] as [(String?, String?)])
    func `a form of ours counts, whichever way the browser says so`(origin: String?, site: String?) async throws {
        let id = try await asked()
        let browser = try await TestBrowser.signedIn(broker, as: FakeTokens.guardian)
        let form = try await form(id, in: browser)
        #expect(
            try await browser.send(.post, "/requests/\(id)/decision", form: form, origin: origin, site: site).status
                == 303)
    }

    @Test func `a token counts only in its session, for its request, for its act, in its time`() async throws {
        let (id, other) = (try await asked(), try await asked())
        let browser = try await TestBrowser.signedIn(broker, as: FakeTokens.guardian)
        let own = try await form(id, in: browser)
        let foreign = try await form(id, in: try await TestBrowser.signedIn(broker, as: FakeTokens.warden))
        let revoking = try await browser.send(.get, "/requests/\(id)").hiddenFields(of: "/sign-out")
        let tampered = own.map { ($0.0, $0.0 == "content_hash" ? String(repeating: "0", count: 64) : $0.1) }
        let tries: [(String, [(String, String)])] = [
            (other, own), (id, foreign), (id, tampered), (id, [("decision", "approve")]),
            (id, revoking + [("decision", "approve")]),
            (id, own.map { ($0.0, $0.0 == "token" ? $0.1 + "A" : $0.1) }),
        ]
        for (request, fields) in tries {
            let refused = try await browser.send(.post, "/requests/\(request)/decision", form: fields)
            #expect(refused.status == 409 && refused.body.contains("Nothing was changed"), "\(fields)")
        }
        for (fields, status) in [(own + own, 400), (own.map { ($0.0, $0.0 == "decision" ? "maybe" : $0.1) }, 400)] {
            #expect(try await browser.send(.post, "/requests/\(id)/decision", form: fields).status == status)
        }
        let late = try await form(id, in: browser)
        broker.clock.advance(by: FormTokens.lifetime)
        let again = try await TestBrowser.signedIn(broker, as: FakeTokens.guardian)
        #expect(try await again.send(.post, "/requests/\(id)/decision", form: late).status == 409)
        #expect(try await isPending(id))
        #expect(try await isPending(other))
    }

    @Test func `every answer forbids scripts, frames, caches and referrers`() async throws {
        let id = try await asked()
        let browser = try await TestBrowser.signedIn(broker, as: FakeTokens.guardian)
        let answers = [
            try await browser.send(.get, "/requests"), try await browser.send(.get, "/requests/\(id)"),
            try await browser.send(.get, "/requests/x"), try await browser.send(.get, "/sign-in/callback"),
            try await browser.send(.get, "/pages.css"), try await browser.send(.get, "/"),
            try await browser.send(.post, "/requests/\(id)/decision", form: []),
            try await browser.send(.post, "/requests/\(id)/decision", form: [], site: "cross-site"),
            try await TestBrowser(broker).send(.get, "/sign-in"),
        ]
        for answer in answers {
            let policy = answer.headers[.contentSecurityPolicy] ?? ""
            for part in ["default-src 'none'", "style-src 'self'", "form-action 'self'", "frame-ancestors 'none'"] {
                #expect(policy.contains(part))
            }
            #expect(!policy.contains("script-src") && !policy.contains("unsafe"))
            #expect(answer.headers[.xContentTypeOptions] == "nosniff")
            #expect(answer.headers[.cacheControl] == "no-store")
            #expect(HTTPField.Name("Referrer-Policy").flatMap { answer.headers[$0] } == "no-referrer")
            #expect(!answer.body.contains("<script") && !answer.body.contains("style="))
        }
        #expect(answers[4].headers[.contentType] == "text/css; charset=utf-8")
    }

    @Test func `without a web configuration there are no pages`() async throws {
        let plain = try await BrokerUnderTest()
        for path in ["/requests", "/sign-in", "/credentials/approve?requestid=x", "/pages.css", "/"] {
            #expect(try await plain.send(.get, path).problemCode == "not_found")
        }
    }

    @Test func `no session key, form token or sealed sign-in is in any log line`() async throws {
        let id = try await asked()
        let browser = TestBrowser(broker)
        _ = try await browser.send(.get, "/sign-in/start")
        var secrets = Array(browser.jar.values)
        try await browser.signIn(as: FakeTokens.guardian)
        secrets += browser.jar.values
        let form = try await form(id, in: browser)
        secrets += form.filter { $0.0 == "token" }.map(\.1) + [FakeTokens.guardian]
        _ = try await browser.send(.post, "/requests/\(id)/decision", form: form)
        let log = broker.log.text
        #expect(log.contains("/sign-in/callback") && secrets.count == 4)
        for secret in secrets { #expect(!log.contains(secret)) }
    }
}
