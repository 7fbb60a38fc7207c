import AccessControl
import BrokerStore
import Foundation
import Hummingbird
import Testing

@Suite("Broker API")
struct BrokerRoutesTests {
    @Test("Defect A9: policies are those of the caller's teams, without role, tags or other people's policies")
    func lists() async throws {
        let broker = try await BrokerUnderTest()
        let answer = try await broker.send(.get, "/v1/policies")
        #expect(answer.status == 200)
        let policies = try #require(answer.json["policies"] as? [[String: Any]])
        #expect(policies.compactMap { $0["id"] as? String } == ["admin", "reader", "root"])
        #expect(Set(policies.flatMap(\.keys)) == ["id", "description", "account", "risk", "maximum_duration_seconds"])
        #expect(!answer.body.contains("arn:"))
    }

    @Test("Defect A3: a policy of another team can be neither listed nor had, and looks like none at all")
    func foreignPolicy() async throws {
        let broker = try await BrokerUnderTest()
        let (foreign, absent) = (try await broker.ask("foreign"), try await broker.ask("absent"))
        #expect(foreign.status == 404)
        #expect(foreign.problemCode == "policy_not_found")
        #expect(foreign.detail == absent.detail)
        #expect(!(try await broker.send(.get, "/v1/policies").body.contains("foreign")))
        #expect(!(try await broker.send(.get, "/policies").body.contains("foreign")))
        _ = try await broker.send(.post, "/credentials/request", body: #"{"policy":"foreign","sessionDuration":900}"#)
        #expect(try await broker.send(.get, "/credentials").body.isEmpty)
        #expect(broker.sts.calls.isEmpty)
    }

    @Test("Defect A3: without teams there is nothing", arguments: ["reader", "admin", "foreign"])
    func noTeams(_ policy: String) async throws {
        let broker = try await BrokerUnderTest()
        #expect(try await broker.ask(policy, token: FakeTokens.stranger).status == 404)
        let list = try await broker.send(.get, "/v1/policies", token: FakeTokens.stranger)
        #expect((list.json["policies"] as? [Any])?.isEmpty == true)
    }

    @Test(
        "Defect B4: an unknown policy, or one whose base role is gone, is a problem and not an exception",
        arguments: [
            ("", "absent", 404, "policy_not_found"),
            ("UPDATE policies SET document = json_remove(document, '$.base_role')", "reader", 422, "policy_unusable"),
            ("UPDATE policies SET document = json_set(document, '$.base_role', '')", "reader", 422, "policy_unusable"),
            ("UPDATE policies SET document = 'garbage'", "reader", 422, "policy_unusable"),
            ("UPDATE policies SET document = 'garbage'", "foreign", 404, "policy_not_found"),
            ("UPDATE teams SET document = 'garbage'", "reader", 500, "internal_error"),
        ])
    func brokenPolicy(sql: String, policy: String, status: Int, code: String) async throws {
        let broker = try await BrokerUnderTest()
        if !sql.isEmpty { try broker.tamper(sql) }
        let own = try await broker.ask(policy)
        #expect(own.status == status)
        #expect(own.problemCode == code)
        let original = try await broker.send(
            .post, "/credentials/request", body: "{\"policy\":\"\(policy)\",\"sessionDuration\":900}")
        #expect(original.status == status)
        #expect(original.problemCode == code)
        for answer in [own, original] {
            #expect(!answer.body.contains("DecodingError") && !answer.body.contains("SQLite"))
        }
    }

    @Test("Defect B5: a missing claim is refused, and the claim and the policy are named")
    func missingClaim() async throws {
        let answer = try await BrokerUnderTest().ask("reader", token: FakeTokens.tagless)
        #expect(answer.status == 403)
        #expect(answer.problemCode == "access_denied")
        #expect(answer.detail.contains("custom:department") && answer.detail.contains("reader"))
    }

    @Test(
        "A duration outside the limits is refused with the limit named",
        arguments: [
            (0, "900"), (-1, "900"), (899, "900"), (7201, "7200"), (Int.max, "7200"), (Int.min, "900"),
        ])
    func durations(seconds: Int, limit: String) async throws {
        let answer = try await BrokerUnderTest().ask("reader", seconds: seconds)
        #expect(answer.status == 422)
        #expect(answer.problemCode == "limit_exceeded")
        #expect(answer.detail.contains(limit))
    }

    @Test(
        "A malformed body is a 400 that names what is wrong",
        arguments: [
            ("", "JSON"), ("{", "JSON"), ("[]", "object"), ("null", "object"), ("\"x\"", "object"), ("{}", "policy"),
            (#"{"policy":null}"#, "policy"), (#"{"policy":7}"#, "policy"), (#"{"policy":""}"#, "policy"),
            (#"{"policy":"reader\u0000x"}"#, "policy"), (#"{"policy":"reader","reason":"a\u001bb"}"#, "reason"),
            (#"{"policy":"reader","surprise":1}"#, "surprise"), (#"{"Policy":"reader"}"#, "Policy"),
            (#"{"policy":"reader","duration_seconds":"900"}"#, "duration_seconds"),
            (#"{"policy":"reader","duration_seconds":900.5}"#, "duration_seconds"),
            (#"{"policy":"reader","duration_seconds":1e300}"#, "duration_seconds"),
            (#"{"policy":"reader","duration_seconds":99999999999999999999}"#, "duration_seconds"),
            (#"{"policy":"reader","reason":{}}"#, "reason"),
            ("{\"policy\":\"\(String(repeating: "p", count: 129))\"}", "policy"),
            ("{\"policy\":\"reader\",\"reason\":\"\(String(repeating: "r", count: 1001))\"}", "reason"),
            (String(repeating: "[", count: 10_000), "JSON"),
        ])
    func malformed(body: String, mention: String) async throws {
        let broker = try await BrokerUnderTest()
        let answer = try await broker.send(.post, "/v1/credentials", body: body)
        #expect(answer.status == 400)
        #expect(answer.problemCode == "invalid_request")
        #expect(answer.detail.contains(mention), "\(answer.detail)")
        #expect(broker.sts.calls.isEmpty)
    }

    @Test(
        "Every other mistake has its status and code",
        arguments: [
            Mistake(method: .get, path: "/", status: 404, code: "not_found"),
            Mistake(method: .get, path: "/v1/nothing", status: 404, code: "not_found"),
            Mistake(method: .get, path: "/v1/credentials", status: 405, code: "method_not_allowed"),
            Mistake(method: .delete, path: "/v1/policies", status: 405, code: "method_not_allowed"),
            Mistake(method: .head, path: "/credentials", status: 405, code: "method_not_allowed"),
            Mistake(method: .get, path: "/credentials/approve?requestid=1&userid=2", status: 404, code: "not_found"),
            Mistake(
                method: .post, path: "/v1/credentials", body: "policy=reader", status: 415,
                code: "unsupported_media_type"),
            Mistake(
                method: .post, path: "/v1/credentials", body: String(repeating: "x", count: 65_537),
                type: "application/json", status: 413, code: "request_too_large"),
        ])
    func mistakes(_ mistake: Mistake) async throws {
        let answer = try await BrokerUnderTest().send(
            mistake.method, mistake.path, body: mistake.body, contentType: mistake.type)
        #expect(answer.status == mistake.status)
        #expect(answer.problemCode == mistake.code)
        if mistake.status == 405 { #expect(answer.headers[.allow] != nil) }
    }

    struct Mistake: Sendable {
        let method: HTTPRequest.Method
        let path: String
        var body: String?
        var type = "application/x-www-form-urlencoded"
        let status: Int
        let code: String
    }

    @Test("Where people sign in is told without a token")
    func configuration() async throws {
        let answer = try await BrokerUnderTest().send(.get, "/v1/configuration", token: nil)
        #expect(
            answer.status == 200
                && answer.body == #"{"issuers":[{"client_id":"cli","issuer":"https://idp.example"}],"version":"0.1.0"}"#
        )
    }

    @Test("Who is alive needs no token to be asked, and no database to answer")
    func health() async throws {
        let broker = try await BrokerUnderTest()
        #expect(try await broker.send(.get, "/healthz", token: nil).status == 200)
        broker.records.fail(.read)
        #expect(try await broker.send(.get, "/healthz", token: nil).status == 200)
    }
}
