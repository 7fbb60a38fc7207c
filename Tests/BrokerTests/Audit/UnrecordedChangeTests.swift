import Foundation
import HTTPTypes
import Testing

@testable import Broker

private let wish = #"{"policy":"reader","sessionDuration":900}"#
private let policy = #"""
    {"id":"new","description":"is new","account":"111122223333","base_role":"arn:aws:iam::111122223333:role/New",
    "risk":10,"max_duration":"1h"}
    """#
private let team = #"{"id":"new","policies":["reader"]}"#

/// Whatever is written is written with its record or not at all, by whichever way it came.
@Suite struct UnrecordedChangeTests {
    typealias Sending = @Sendable () async throws -> Answer

    /// One way of writing, all but done.
    struct Act: Sendable, CustomTestStringConvertible {
        let route: String
        let what: String
        let prepare: @Sendable (BrokerUnderTest) async throws -> Sending

        init(
            _ route: String, _ what: String = "", prepare: @escaping @Sendable (BrokerUnderTest) async throws -> Sending
        ) {
            self.route = route
            self.what = what
            self.prepare = prepare
        }

        var testDescription: String { what.isEmpty ? route : "\(route), \(what)" }
    }

    static let issuing: [Act] = [
        Act("POST /v1/credentials", "allowed at once") { broker in
            return { try await broker.ask("reader") }
        },
        Act("POST /v1/credentials", "to be approved") { broker in
            return { try await broker.ask("admin") }
        },
        Act("POST /v1/credentials", "approved") { broker in
            _ = try await RequestsUnderTest(broker: broker).granted()
            return { try await broker.ask("admin") }
        },
        Act("POST /v1/console-links") { broker in
            return { try await broker.send(.post, "/v1/console-links", body: #"{"policy":"reader"}"#) }
        },
        Act("POST /v1/console-links", "approved") { broker in
            _ = try await RequestsUnderTest(broker: broker).granted()
            return { try await broker.send(.post, "/v1/console-links", body: #"{"policy":"admin"}"#) }
        },
        Act("POST /credentials/request") { broker in
            return { try await broker.send(.post, "/credentials/request", body: wish) }
        },
        Act("GET /credentials") { broker in
            _ = try await broker.send(.post, "/credentials/request", body: wish)
            return { try await broker.send(.get, "/credentials") }
        },
    ]

    static let deciding: [Act] = [
        Act("POST /v1/requests", "allowed at once") { broker in
            return { try await RequestsUnderTest(broker: broker).ask("reader") }
        },
        Act("POST /v1/requests", "to be approved") { broker in
            return { try await RequestsUnderTest(broker: broker).ask() }
        },
        Act("POST /v1/requests/{id}/decision", "approve") { broker in
            let request = try await RequestsUnderTest(broker: broker).ask()
            return { try await RequestsUnderTest(broker: broker).decide(request) }
        },
        Act("POST /v1/requests/{id}/decision", "deny") { broker in
            let request = try await RequestsUnderTest(broker: broker).ask()
            return { try await RequestsUnderTest(broker: broker).decide(request, "deny") }
        },
        Act("POST /v1/requests/{id}/cancel") { broker in
            let request = try await RequestsUnderTest(broker: broker).ask()
            return { try await RequestsUnderTest(broker: broker).post("cancel", request) }
        },
        Act("POST /v1/requests/{id}/revoke", "what was approved") { broker in
            let request = try await RequestsUnderTest(broker: broker).granted()
            return { try await RequestsUnderTest(broker: broker).post("revoke", request) }
        },
        Act("POST /v1/requests/{id}/revoke", "what nobody follows") { broker in
            let issued = try await broker.ask("reader")
            return { try await RequestsUnderTest(broker: broker).post("revoke", issued) }
        },
        Act("POST /requests/{id}/decision") { broker in
            let request = try await RequestsUnderTest(broker: broker).ask()
            return try await broker.form("decision", of: request, as: FakeTokens.guardian, [("decision", "approve")])
        },
        Act("POST /requests/{id}/cancel") { broker in
            let request = try await RequestsUnderTest(broker: broker).ask()
            return try await broker.form("cancel", of: request, as: FakeTokens.developer)
        },
        Act("POST /requests/{id}/revoke") { broker in
            let request = try await RequestsUnderTest(broker: broker).granted()
            return try await broker.form("revoke", of: request, as: FakeTokens.developer)
        },
    ]

    static let governing: [Act] = [
        Act("PUT /v1/admin/policies/{id}", "create") { broker in
            return { try await broker.administer(.put, "policies/new", body: policy) }
        },
        Act("PUT /v1/admin/policies/{id}", "change") { broker in
            let tag = try await broker.administer(.put, "policies/new", body: policy).headers[.eTag]
            let body = policy.replacing("is new", with: "is newer")
            return { try await broker.administer(.put, "policies/new", match: tag, body: body) }
        },
        Act("DELETE /v1/admin/policies/{id}") { broker in
            let tag = try await broker.administer(.put, "policies/new", body: policy).headers[.eTag]
            return { try await broker.administer(.delete, "policies/new", match: tag) }
        },
        Act("PUT /v1/admin/teams/{id}", "create") { broker in
            return { try await broker.administer(.put, "teams/new", body: team) }
        },
        Act("PUT /v1/admin/teams/{id}", "change") { broker in
            let tag = try await broker.administer(.put, "teams/new", body: team).headers[.eTag]
            let body = team.replacing("reader", with: "admin")
            return { try await broker.administer(.put, "teams/new", match: tag, body: body) }
        },
        Act("DELETE /v1/admin/teams/{id}") { broker in
            let tag = try await broker.administer(.put, "teams/new", body: team).headers[.eTag]
            return { try await broker.administer(.delete, "teams/new", match: tag) }
        },
    ]

    @Test(arguments: issuing + deciding + governing)
    func `what can't be recorded is not done, and leaves everything as it was`(act: Act) async throws {
        // Only for want of the record: else it is done.
        let sound = try await BrokerUnderTest(hasPages: true, isGovernedByAPI: true)
        let done = try await act.prepare(sound)
        let earlier = try sound.contents()
        let success = try await done()
        #expect(success.status < 400, "\(success)")
        #expect(try sound.contents() != earlier)

        let broker = try await BrokerUnderTest(hasPages: true, isGovernedByAPI: true)
        let refused = try await act.prepare(broker)
        try broker.tamper("CREATE TRIGGER broken BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'x'); END")
        let before = try broker.contents()
        let answer = try await refused()
        #expect(answer.status == 503, "\(answer)")
        for secret in [FakeSTS.secretKey, FakeSTS.sessionToken, FakeConsole.link] {
            #expect(!answer.body.contains(secret))
        }
        #expect(try broker.contents() == before)
    }

    @Test func `each route that writes is among them`() async throws {
        let broker = try await BrokerUnderTest(hasPages: true)
        let sent = allRoutes(of: broker.parts).filter { $0.method != .get && $0.method != .head }
        // Of these, nothing is kept.
        let reading: Set = ["POST /v1/requests/states", "POST /v1/explain", "POST /sign-out"]
        let writing = Set(sent.map { "\($0.method.rawValue) \($0.path)" }).subtracting(reading)
        let acts = Self.issuing + Self.deciding + Self.governing
        #expect(Set(acts.map(\.route)) == writing.union(["GET /credentials"]))
    }
}

extension BrokerUnderTest {
    /// The form of a request's page, filled in.
    fileprivate func form(
        _ verb: String, of request: Answer, as token: String, _ fields: [(String, String)] = []
    ) async throws -> UnrecordedChangeTests.Sending {
        let browser = try await TestBrowser.signedIn(self, as: token)
        let page = "/requests/\(try RequestsUnderTest(broker: self).id(request))"
        let hidden = try await browser.send(.get, page).hiddenFields(of: "\(page)/\(verb)")
        return { try await browser.send(.post, "\(page)/\(verb)", form: hidden + fields) }
    }

    /// - Parameter match: the entity tag of what is there; `nil` for what isn't.
    fileprivate func administer(
        _ method: HTTPRequest.Method, _ path: String, match: String? = nil, body: String? = nil
    ) async throws -> Answer {
        var headers: HTTPFields = [.authorization: "Bearer \(FakeTokens.guardian)"]
        if let match { headers[.ifMatch] = match } else { headers[.ifNoneMatch] = "*" }
        if body != nil { headers[.contentType] = "application/json" }
        return try await send(method, "/v1/admin/\(path)", headers: headers, body: body.map { Array($0.utf8) })
    }
}
