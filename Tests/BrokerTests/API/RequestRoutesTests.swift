import AccessControl
import Broker
import Foundation
import HTTPTypes
import Testing

@Suite("Requests and approvals")
struct RequestRoutesTests {
    private let broker: BrokerUnderTest

    init() async throws { broker = try await BrokerUnderTest() }

    private func create(_ policy: String = "admin", extra: String = "", token: String = FakeTokens.developer)
        async throws
        -> Answer
    {
        try await broker.send(
            .post, "/v1/requests", token: token, body: #"{"policy":"\#(policy)","duration_seconds":1800\#(extra)}"#)
    }

    private func decide(
        _ request: Answer, _ choice: String = "approve", as token: String = FakeTokens.guardian, hash: String? = nil
    ) async throws -> Answer {
        let id = try #require(request.json["request_id"] as? String)
        let hash = try hash ?? #require(request.json["content_hash"] as? String)
        let body = #"{"decision":"\#(choice)","content_hash":"\#(hash)","comment":"as agreed"}"#
        return try await broker.send(.post, "/v1/requests/\(id)/decision", token: token, body: body)
    }

    private func post(_ verb: String, _ request: Answer, as token: String = FakeTokens.developer) async throws -> Answer
    {
        let id = try #require(request.json["request_id"] as? String)
        return try await broker.send(.post, "/v1/requests/\(id)/\(verb)", token: token, body: "{}")
    }

    private func show(_ request: Answer, as token: String = FakeTokens.developer) async throws -> Answer {
        let id = try #require(request.json["request_id"] as? String)
        return try await broker.send(.get, "/v1/requests/\(id)", token: token)
    }

    private func state(_ answer: Answer) -> String? { answer.json["state"] as? String }

    @Test("Defects A1, A5: asked, approved by a second person who is signed in, minted when asked for, and revoked")
    func story() async throws {
        #expect(try await broker.ask("admin").status == 202)
        let pending = try await broker.send(.get, "/v1/requests?scope=to_decide", token: FakeTokens.guardian)
        let request = try #require((pending.json["requests"] as? [[String: Any]])?.first)
        let id = try #require(request["request_id"] as? String)
        let again = try await broker.ask("admin")
        #expect(again.json["request_id"] as? String == id)
        let shown = try await broker.send(.get, "/v1/requests/\(id)", token: FakeTokens.guardian)
        #expect(shown.json["may_decide"] as? Bool == true)
        #expect(state(try await decide(shown)) == "active")
        #expect(broker.sts.calls.isEmpty)

        let issued = try await broker.ask("admin")
        #expect(issued.status == 200)
        #expect(issued.json["request_id"] as? String == id)
        #expect(broker.sts.calls.count == 1)
        let replayed = try await decide(shown)
        #expect(replayed.status == 409)

        #expect(state(try await post("revoke", shown, as: FakeTokens.guardian)) == "revoked")
        let refused = try await broker.ask("admin")
        #expect(refused.status == 403)
        #expect(refused.detail.contains("revoked"))
        #expect(broker.sts.calls.count == 1)
        #expect(
            try await broker.auditKinds() == [.request, .decision, .vote, .stateChange, .issuance, .stateChange])
    }

    @Test("What is allowed at once is active at once, and can be picked up as the original did")
    func automatic() async throws {
        let request = try await create("reader")
        #expect(request.status == 201)
        #expect(state(request) == "active")
        #expect(try await broker.send(.get, "/credentials").body.contains("AccessKeyId"))
        #expect(state(try await post("revoke", request)) == "revoked")
        #expect(try await broker.send(.get, "/credentials").body.isEmpty)
    }

    @Test("Two of them must agree where the policy says so; one who denies is enough to refuse")
    func quorum() async throws {
        let request = try await create("root")
        #expect(state(try await decide(request)) == "pending")
        #expect(try await decide(request).problemCode == "conflict")
        #expect(state(try await decide(request, as: FakeTokens.warden)) == "active")
        let other = try await create("root", extra: #","reason":"again""#)
        #expect(state(try await decide(other, "deny", as: FakeTokens.warden)) == "denied")
    }

    @Test("Nobody decides on their own request, or on one that is none of theirs")
    func strangers() async throws {
        let own = try await create("root")
        #expect(try await decide(own, as: FakeTokens.developer).status == 403)
        let request = try await create()
        for token in [FakeTokens.stranger, FakeTokens.tagless] {
            #expect(try await show(request, as: token).problemCode == "request_not_found")
            #expect(try await decide(request, as: token).problemCode == "request_not_found")
            #expect(try await post("cancel", request, as: token).problemCode == "request_not_found")
        }
        #expect(try await post("cancel", request, as: FakeTokens.guardian).status == 403)
        #expect(state(try await show(request)) == "pending")
    }

    @Test("Defect A4: an approval names what was shown; another hash, or a policy that has changed, approves nothing")
    func boundContent() async throws {
        let request = try await create()
        let other = try await create(extra: #","reason":"something else""#)
        let hash = try #require(other.json["content_hash"] as? String)
        #expect(try await decide(request, hash: hash).problemCode == "conflict")
        try await broker.load(BrokerUnderTest.policies.replacing("role/Admin", with: "role/Root"))
        let stale = try await decide(request)
        #expect(stale.problemCode == "conflict")
        #expect(stale.detail.contains("policy has changed"))
    }

    @Test("Defect A4: what was approved is void once the policy changes")
    func changedAfterApproval() async throws {
        let request = try await create()
        #expect(state(try await decide(request)) == "active")
        try await broker.load(BrokerUnderTest.policies.replacing("role/Admin", with: "role/Root"))
        #expect(try await broker.ask("admin").status == 202)
        #expect(broker.sts.calls.isEmpty)
    }

    @Test("Twenty approvers at once: one decision, one grant, and every other is told")
    func atOnce() async throws {
        let request = try await create()
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for index in 0..<20 {
                group.addTask {
                    let token = index.isMultiple(of: 2) ? FakeTokens.guardian : FakeTokens.warden
                    return try await decide(request, as: token).status
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.count { $0 == 200 } == 1)
        #expect(statuses.allSatisfy { $0 == 200 || $0 == 409 })
        #expect(try await broker.auditKinds().count { $0 == .vote } == 1)
    }

    @Test("A denial holds for programs that keep asking, and a person may ask again")
    func denied() async throws {
        #expect(try await broker.ask("admin").status == 202)
        let mine = try await broker.send(.get, "/v1/requests")
        let id = try #require((mine.json["requests"] as? [[String: Any]])?.first?["request_id"] as? String)
        let shown = try await broker.send(.get, "/v1/requests/\(id)", token: FakeTokens.guardian)
        #expect(state(try await decide(shown, "deny")) == "denied")
        let refused = try await broker.ask("admin")
        #expect(refused.status == 403)
        #expect(refused.detail.contains("guardian denied"))
        #expect(state(try await create()) == "pending")
        broker.clock.advance(by: 3 * 3600)
        #expect(try await broker.ask("admin").status == 202)
    }

    @Test("A request can start later, be cancelled, and expires when nobody decides")
    func life() async throws {
        let start = ISO8601DateFormatter().string(from: broker.clock.now.addingTimeInterval(600))
        let later = try await create(extra: #","starts_at":"\#(start)""#)
        #expect(state(try await decide(later)) == "scheduled")
        #expect(try await broker.ask("admin").status == 202)
        broker.clock.advance(by: 601)
        #expect(try await broker.ask("admin").status == 200)
        let cancelled = try await create(extra: #","reason":"x""#)
        #expect(state(try await post("cancel", cancelled)) == "cancelled")
        #expect(try await decide(cancelled).problemCode == "conflict")
        let forgotten = try await create(extra: #","reason":"y""#)
        broker.clock.advance(by: 7200)
        #expect(state(try await show(forgotten)) == "expired")
    }

    @Test(
        "What was allowed at once can be revoked by its request's id, by whoever had it and by the policy's approvers")
    func revokedGrant() async throws {
        let policies = BrokerUnderTest.policies.replacing("risk: 10,", with: "risk: 10, approval: {teams: [security]},")
        try await broker.load(policies)
        for token in [FakeTokens.developer, FakeTokens.guardian] {
            let issued = try await broker.ask("reader")
            #expect(issued.status == 200)
            #expect(try await post("revoke", issued, as: FakeTokens.stranger).status == 404)
            let revoked = try await post("revoke", issued, as: token)
            #expect(state(revoked) == "revoked")
            #expect(revoked.json["user"] as? String == "developer")
            #expect(try await post("revoke", issued, as: token).problemCode == "conflict")
            let id = try #require(issued.json["request_id"] as? String)
            let states = try await broker.send(.post, "/v1/requests/states", body: #"{"request_ids":["\#(id)"]}"#)
            #expect(states.json["states"] as? [String: String] == [id: "revoked"])
            broker.clock.advance(by: 900)
        }
        #expect(try await broker.auditKinds().count { $0 == .stateChange } == 2)
    }

    @Test("What was requested and allowed at once can be revoked by the policy's approvers, and by administrators")
    func revokedCase() async throws {
        for approval in ["approval: {teams: [security]},", ""] {
            try await broker.load(BrokerUnderTest.policies.replacing("risk: 10,", with: "risk: 10, \(approval)"))
            for request in [try await broker.ask("reader"), try await create("reader")] {
                #expect(try await post("revoke", request, as: FakeTokens.stranger).status == 404)
                #expect(try await post("cancel", request, as: FakeTokens.guardian).status != 200)
                #expect(state(try await post("revoke", request, as: FakeTokens.guardian)) == "revoked")
            }
            broker.clock.advance(by: 7200)
        }
    }

    @Test("What became of one's own requests can be asked for all at once")
    func states() async throws {
        let automatic = try await broker.ask("reader")
        let revoked = try await create("reader")
        _ = try await post("revoke", revoked)
        let ids = [automatic, revoked].compactMap { $0.json["request_id"] as? String }
        let body = #"{"request_ids":["\#(ids.joined(separator: #"",""#))"]}"#
        let answer = try await broker.send(.post, "/v1/requests/states", body: body)
        #expect(answer.json["states"] as? [String: String] == [ids[0]: "active", ids[1]: "revoked"])
        let others = try await broker.send(.post, "/v1/requests/states", token: FakeTokens.guardian, body: body)
        #expect(others.json["states"] as? [String: String] == [:])
    }

    @Test(
        "Malformed calls are told what is wrong",
        arguments: [
            ("", #"{"policy":"admin","starts_at":"tomorrow"}"#, 400, "starts_at"),
            ("", #"{"policy":"admin","starts_at":"2099-01-01T00:00:00Z"}"#, 400, "30 days"),
            ("", #"{"policy":"admin","start":"x"}"#, 400, "Unknown key"),
            ("/states", #"{"request_ids":["nonsense"]}"#, 404, "no such request"),
            (
                "/0123456789abcdef0123456789abcdef/decision", #"{"decision":"maybe","content_hash":"x"}"#, 400,
                "approve or deny"
            ),
            (
                "/0123456789abcdef0123456789abcdef/decision", #"{"decision":"approve","content_hash":"x"}"#, 404,
                "no such"
            ),
            ("/x/cancel", "{}", 404, "no such"),
        ])
    func malformed(path: String, body: String, status: Int, mention: String) async throws {
        let answer = try await broker.send(.post, "/v1/requests\(path)", body: body)
        #expect(answer.status == status)
        #expect(answer.detail.contains(mention), "\(answer.detail)")
    }

    @Test("Every path wants a sign-in, and says which methods it takes")
    func doors() async throws {
        for path in ["", "/states", "/x/decision", "/x/cancel", "/x/revoke"] {
            #expect(try await broker.send(.post, "/v1/requests\(path)", token: nil, body: "{}").status == 401)
        }
        #expect(try await broker.send(.get, "/v1/requests/x", token: nil).status == 401)
        let wrong = try await broker.send(.get, "/v1/requests/x/decision")
        #expect(wrong.status == 405)
        #expect(wrong.headers[.allow] == "POST")
        #expect(try await broker.send(.get, "/v1/requests?scope=all").status == 400)
    }
}
