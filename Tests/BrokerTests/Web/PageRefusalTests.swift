import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Broker

/// What browsers are told where the pages are, by what stands before them.
@Suite struct PageRefusalTests {
    private static let html = "text/html; charset=utf-8"

    /// Fails unless it is a page like all others, of nobody in particular.
    private func expectPage(_ answer: Answer, _ status: Int) {
        #expect(answer.status == status && answer.headers[.contentType] == Self.html, "\(answer)")
        let policy = answer.headers[.contentSecurityPolicy] ?? ""
        #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"))
        #expect(answer.headers[.xContentTypeOptions] == "nosniff" && answer.headers[.cacheControl] == "no-store")
        #expect(HTTPField.Name("X-Frame-Options").flatMap { answer.headers[$0] } == "DENY")
        #expect(!answer.body.contains("<script") && !answer.body.contains("Signed in as"), "\(answer.body)")
    }

    @Test func `an address that asks too often gets a page where the pages are, and a problem from the API`()
        async throws
    {
        let edge = BrokerEdge(
            proxies: try TrustedProxies(["127.0.0.0/8"]), addresses: AddressLimits(requestsPerSecond: 1))
        let broker = try await BrokerUnderTest(hasPages: true, edge: edge)
        try await buildApplication(broker.parts, address: .hostname("127.0.0.1", port: 0)).test(.live) { client in
            let browser = TestBrowser(broker, over: client, from: "198.51.100.7")
            try await browser.signIn(as: FakeTokens.guardian)
            for _ in 0..<8 { #expect(try await browser.send(.get, "/requests").status == 200) }
            for path in ["/requests", "/requests/x", "/sign-in", "/sign-in/callback?code=x", "/"] {
                let refused = try await browser.send(.get, path)
                expectPage(refused, 429)
                #expect(refused.headers[.retryAfter] == "1" && refused.body.contains("try again in 1 s"), "\(path)")
            }
            expectPage(try await browser.send(.post, "/requests/x/decision", form: [("decision", "approve")]), 429)
            for path in ["/v1/requests", "/policies", "/healthz", "/nothing"] {
                let refused = try await browser.send(.get, path)
                #expect(refused.status == 429 && refused.problemCode == "too_many_requests", "\(path)")
                #expect(refused.headers[.retryAfter] == "1")
            }
            broker.clock.advance(by: 1)
            #expect(try await browser.send(.get, "/requests").body.contains("Signed in as"))
        }
    }

    @Test(
        arguments: [
            (.get, "/requests/x/of-nobody", 404, nil), (.get, "/requests/x/decision/of-nobody?of-nobody", 404, nil),
            (.head, "/sign-in/of-nobody", 404, nil), (.get, "/credentials/approve/of-nobody", 404, nil),
            (.put, "/requests", 405, "GET, HEAD"), (.delete, "/requests/of-nobody", 405, "GET, HEAD"),
            (.patch, "/requests/of-nobody/decision", 405, "GET, HEAD, POST"), (.get, "/sign-out", 405, "POST"),
            (.post, "/", 405, "GET, HEAD"), (.post, "/pages.css", 405, "GET, HEAD"),
        ] as [(HTTPRequest.Method, String, Int, String?)])
    func `a page says that there is no such page, or what it takes, and not what was asked for`(
        method: HTTPRequest.Method, path: String, status: Int, allowed: String?
    ) async throws {
        let browser = try await TestBrowser.signedIn(
            try await BrokerUnderTest(hasPages: true), as: FakeTokens.guardian)
        let answer = try await browser.send(method, path)
        expectPage(answer, status)
        #expect(answer.headers[.allow] == allowed)
        #expect(answer.body.isEmpty == (method == .head) && !answer.body.contains("of-nobody"), "\(answer.body)")
    }

    @Test(
        arguments: [
            (.get, "/nothing", "not_found"), (.get, "/requestsx", "not_found"), (.get, "/v1/nothing", "not_found"),
            (.get, "/v1/requests/x/nothing", "not_found"), (.get, "/credentials/nothing", "not_found"),
            (.put, "/credentials", "method_not_allowed"), (.get, "/v1/credentials", "method_not_allowed"),
            (.get, "/v1/requests/x", "request_not_found"),
        ] as [(HTTPRequest.Method, String, String)])
    func `everywhere else it is the API's problem, whatever the client says that it accepts`(
        method: HTTPRequest.Method, path: String, code: String
    ) async throws {
        let broker = try await BrokerUnderTest(hasPages: true)
        let headers: HTTPFields = [.accept: "text/html", .authorization: "Bearer \(FakeTokens.developer)"]
        #expect(try await broker.send(method, path, headers: headers, body: nil).problemCode == code)
    }
}
