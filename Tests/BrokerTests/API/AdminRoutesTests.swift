import AccessControl
import BrokerStore
import Foundation
import HTTPTypes
import Testing

@testable import Broker

/// Policies and teams through the API; `guardian` and `warden` are administrators.
@Suite struct AdminRoutesTests {
    private static let policy = #"""
        {"id":"new","description":"is new","account":"111122223333","base_role":"arn:aws:iam::111122223333:role/New",
        "risk":10,"max_duration":"1h"}
        """#

    private func send(
        _ broker: BrokerUnderTest, _ method: HTTPRequest.Method, _ path: String, as token: String = FakeTokens.guardian,
        match: String? = nil, noneMatch: String? = nil, body: String? = nil
    ) async throws -> Answer {
        var headers: HTTPFields = [.authorization: "Bearer \(token)"]
        if let match { headers[.ifMatch] = match }
        if let noneMatch { headers[.ifNoneMatch] = noneMatch }
        if body != nil { headers[.contentType] = "application/json" }
        return try await broker.send(method, "/v1/admin" + path, headers: headers, body: body.map { Array($0.utf8) })
    }

    @Test func `a policy is created, read, changed, removed, and remembered with its authors`() async throws {
        let broker = try await BrokerUnderTest(isGovernedByAPI: true)
        let created = try await send(broker, .put, "/policies/new", noneMatch: "*", body: Self.policy)
        #expect(created.status == 201)
        let tag = try #require(created.headers[.eTag])
        let read = try await send(broker, .get, "/policies/new")
        #expect(read.headers[.eTag] == tag && read.body == created.body)
        let changed = try await send(
            broker, .put, "/policies/new", as: FakeTokens.warden, match: tag,
            body: Self.policy.replacing(#""risk":10"#, with: #""risk":20"#))
        #expect(changed.status == 200 && changed.headers[.eTag] != tag)
        let last = try #require(changed.headers[.eTag])
        #expect(try await send(broker, .delete, "/policies/new", match: tag).status == 412)
        #expect(try await send(broker, .delete, "/policies/new", match: last).status == 204)
        #expect(try await send(broker, .get, "/policies/new").problemCode == "policy_not_found")

        let history = try await send(broker, .get, "/policies/new/versions").json["versions"] as? [[String: Any]]
        #expect(history?.compactMap { $0["change"] as? String } == ["removed", "changed", "added"])
        let authors = history?.compactMap { ($0["changed_by"] as? [String: Any])?["user"] as? String }
        #expect(authors == ["guardian", "warden", "guardian"])
        #expect(((history?[1]["policy"]) as? [String: Any])?["risk"] as? Int == 20)

        let events = try await broker.records.auditTrail(after: 0, limit: 1000).compactMap { record in
            if case .policyChange(let change) = record.event, change.id == "new" { change } else { nil }
        }
        #expect(events.map(\.change) == [.added, .changed, .removed])
        #expect(events.map(\.author?.userName) == ["guardian", "warden", "guardian"])
        #expect(events.last?.previousVersion.map { "\"\($0)\"" } == last)
    }

    @Test func `what a policy says takes effect at the next request`() async throws {
        let broker = try await BrokerUnderTest(isGovernedByAPI: true)
        #expect(try await broker.ask("reader").status == 200)
        let shown = try await send(broker, .get, "/policies/reader")
        var policy = try #require(shown.json["policy"] as? [String: Any])
        policy["risk"] = 90
        let body = String(decoding: try JSONSerialization.data(withJSONObject: policy), as: UTF8.self)
        let written = try await send(broker, .put, "/policies/reader", match: shown.headers[.eTag], body: body)
        #expect(written.status == 200)
        #expect((written.json["warnings"] as? [String])?.first?.contains("no approval") == true, "\(written.body)")
        #expect(try await broker.ask("reader").status == 403)
    }

    @Test(arguments: [(BrokerUnderTest.routing, 1), (NoticeRouting.nobody, 0)])
    func `who writes an approval that tells nobody is warned, where somebody can be told`(
        routing: NoticeRouting, count: Int
    ) async throws {
        let broker = try await BrokerUnderTest(routing: routing, isGovernedByAPI: true)
        let body = Self.policy.replacing(#""risk":10"#, with: #""risk":90,"approval":{"teams":["security"]}"#)
        let written = try await send(broker, .put, "/policies/new", noneMatch: "*", body: body)
        let warnings = written.json["warnings"] as? [String] ?? []
        #expect(written.status == 201 && warnings.count == count, "\(written.body)")
        #expect(warnings.allSatisfy { $0.contains("an approval that tells nobody") })
    }

    @Test func `a change names what it expects, and of two who expect the same one wins`() async throws {
        let broker = try await BrokerUnderTest(isGovernedByAPI: true)
        for (match, noneMatch) in [
            (nil, nil), ("*", nil), ("W/\"x\"", nil), ("x", nil), ("\"x\"", "*"), (nil, "\"x\""),
        ]
            as [(String?, String?)]
        {
            let answer = try await send(
                broker, .put, "/policies/new", match: match, noneMatch: noneMatch, body: Self.policy)
            #expect(answer.problemCode == "precondition_required", "\(match ?? "-") \(noneMatch ?? "-")")
        }
        let missing = try await send(broker, .put, "/policies/new", match: "\"x\"", body: Self.policy)
        #expect(missing.problemCode == "precondition_failed")
        #expect(try await send(broker, .delete, "/policies/new", match: "\"x\"").status == 404)

        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 1...10 {
                let body = Self.policy.replacing(#""risk":10"#, with: #""risk":\#(number)"#)
                group.addTask { try await send(broker, .put, "/policies/new", noneMatch: "*", body: body).status }
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(statuses.sorted() == [201] + Array(repeating: 412, count: 9))
        #expect(try await broker.records.base.catalogHistory(.policy, "new", before: nil, limit: 9).count == 1)
    }

    @Test(arguments: [
        (#""risk":10"#, #""risk":"low""#, "risk"), (#""risk":10"#, #""risk":0"#, "risk"), (#""risk":10,"#, "", "risk"),
        (#""risk":10"#, #""risc":10"#, "risc"), (#""risk":10"#, #""risk":10,"user_tags":"x""#, "user_tags"),
        (":role/New", ":user/New", "base_role"), ("\"111122223333\"", "\"999999999999\"", "account"),
        (#""max_duration":"1h""#, #""max_duration":3600"#, "max_duration"),
        (#""max_duration":"1h""#, #""max_duration":"13h""#, "max_duration"),
        (#""risk":10"#, #""risk":10,"managed_policies":["x"]"#, "PolicyArns"),
        (#""risk":10"#, #""risk":10,"approval":{"teams":["security"],"notify":["nobody"]}"#, "approval.notify"),
        (#""id":"new""#, #""id":"other""#, "id must be"),
        (#""risk":10"#, #""risk":10,"condition":{"Bool":{"broker:Nonsense":true}}"#, "condition"),
        (#""risk":10"#, #""risk":10,"condition":[]"#, "condition is unusable"),
        (
            #""risk":10"#, #""risk":10,"condition":[{"Bool":{"broker:MfaPresent":true}},{"Bool":{"broker:X":true}}]"#,
            "condition[1] is unusable"
        ),
        (#""risk":10"#, #""risk":10,"source_identity":0"#, "source_identity must be true or false"),
    ])
    func `what can't be used is refused with the field's name`(part: String, other: String, field: String) async throws
    {
        let broker = try await BrokerUnderTest(isGovernedByAPI: true)
        let body = Self.policy.replacing(part, with: other)
        #expect(body != Self.policy)
        let answer = try await send(broker, .put, "/policies/new", noneMatch: "*", body: body)
        #expect(answer.status == 422 && answer.problemCode == "policy_unusable", "\(answer.body)")
        #expect(answer.detail.contains(field), "\(answer.detail)")
        #expect(try await send(broker, .get, "/policies/new").status == 404)
    }

    @Test func `several blocks of a condition come back as they were written`() async throws {
        let broker = try await BrokerUnderTest(isGovernedByAPI: true)
        let list = #"[{"Bool":{"broker:MfaPresent":["true"]}},{"StringEquals":{"broker:DayOfWeek":["Sunday"]}}]"#
        let body = Self.policy.replacing(#""risk":10"#, with: #""risk":10,"condition":\#(list)"#)
        let created = try await send(broker, .put, "/policies/new", noneMatch: "*", body: body)
        #expect(created.status == 201, "\(created.body)")
        let policy = try await send(broker, .get, "/policies/new").json["policy"] as? [String: Any]
        let wanted = [["Bool": ["broker:MfaPresent": ["true"]]], ["StringEquals": ["broker:DayOfWeek": ["Sunday"]]]]
        #expect(policy?["condition"] as? [[String: [String: [String]]]] == wanted)
    }

    @Test func `what is no JSON is refused, and so is what is too long or sent as something else`() async throws {
        let broker = try await BrokerUnderTest(isGovernedByAPI: true)
        for body in ["", "{", "id: new", #"{"id":"a","id":"b"}"#] {
            let answer = try await send(broker, .put, "/policies/new", noneMatch: "*", body: body)
            #expect(answer.problemCode == "invalid_request", "\(body): \(answer.body)")
        }
        let long = #"{"id":"\#(String(repeating: "x", count: 70_000))"}"#
        #expect(try await send(broker, .put, "/policies/new", noneMatch: "*", body: long).status == 413)
        let headers: HTTPFields = [
            .authorization: "Bearer \(FakeTokens.guardian)", .ifNoneMatch: "*", .contentType: "application/yaml",
        ]
        let answer = try await broker.send(
            .put, "/v1/admin/policies/new", headers: headers, body: Array(Self.policy.utf8))
        #expect(answer.status == 415)
    }

    @Test func `teams name policies that exist, and no policy goes that a team names`() async throws {
        let broker = try await BrokerUnderTest(isGovernedByAPI: true)
        let team = #"{"id":"auditors","policies":["reader"]}"#
        #expect(try await send(broker, .put, "/teams/auditors", noneMatch: "*", body: team).status == 201)
        let unknown = try await send(
            broker, .put, "/teams/others2", noneMatch: "*", body: #"{"id":"others2","policies":["nothing"]}"#)
        #expect(unknown.status == 422 && unknown.detail.contains("nothing"))
        let reader = try await send(broker, .get, "/policies/reader")
        let refused = try await send(broker, .delete, "/policies/reader", match: reader.headers[.eTag])
        #expect(refused.status == 409 && refused.detail.contains("auditors"), "\(refused.detail)")
        for id in ["auditors", "developers"] {
            let shown = try await send(broker, .get, "/teams/\(id)")
            #expect(try await send(broker, .delete, "/teams/\(id)", match: shown.headers[.eTag]).status == 204)
        }
        #expect(try await send(broker, .delete, "/policies/reader", match: reader.headers[.eTag]).status == 204)
        #expect(try await send(broker, .get, "/teams/auditors").problemCode == "team_not_found")
    }

    @Test func `lists come in pages that nothing moves, and can be filtered`() async throws {
        let broker = try await BrokerUnderTest(isGovernedByAPI: true)
        for number in 10..<30 {
            let body = Self.policy.replacing("new", with: "p\(number)")
            _ = try await send(broker, .put, "/policies/p\(number)", noneMatch: "*", body: body)
        }
        var (ids, token) = ([String](), "")
        while true {
            let page = try await send(broker, .get, "/policies?filter=IS%20P&limit=6\(token)").json
            ids += (page["policies"] as? [[String: Any]])?.compactMap { $0["id"] as? String } ?? []
            guard let next = page["next_token"] as? String else { break }
            token = "&next_token=\(next)"
            // What goes from, and comes to, pages that were read moves nothing.
            if ids.count == 6 {
                let first = try await send(broker, .get, "/policies/p10")
                _ = try await send(broker, .delete, "/policies/p10", match: first.headers[.eTag])
                let body = Self.policy.replacing("new", with: "p09")
                _ = try await send(broker, .put, "/policies/p09", noneMatch: "*", body: body)
            }
        }
        #expect(ids == (10..<30).map { "p\($0)" })
        for query in ["limit=0", "limit=101", "limit=x", "next_token=%21", "next_token=", "next_token=_w"] {
            #expect(try await send(broker, .get, "/policies?\(query)").problemCode == "invalid_request", "\(query)")
        }
    }

    @Test func `nobody but administrators sees or changes anything`() async throws {
        let broker = try await BrokerUnderTest(isGovernedByAPI: true)
        for token in [FakeTokens.developer, FakeTokens.stranger] {
            for path in ["/policies", "/policies/reader", "/policies/reader/versions", "/teams"] {
                #expect(try await send(broker, .get, path, as: token).status == 403)
            }
            let put = try await send(broker, .put, "/policies/new", as: token, noneMatch: "*", body: Self.policy)
            #expect(put.status == 403)
            #expect(try await send(broker, .delete, "/policies/reader", as: token, match: "\"x\"").status == 403)
        }
        #expect(try await broker.send(.get, "/v1/admin/policies", token: nil).status == 401)
        #expect(try await broker.send(.get, "/v1/admin/policies", token: FakeTokens.expired).status == 401)
    }

    @Test func `where files govern, everything can be seen and nothing changed, and the file is the author`()
        async throws
    {
        let broker = try await BrokerUnderTest()
        let shown = try await send(broker, .get, "/policies/reader")
        #expect((shown.json["changed_by"] as? [String: Any])?["file"] as? String == "policies.yaml")
        for (method, match) in [(HTTPRequest.Method.put, nil), (.delete, shown.headers[.eTag])] {
            let answer = try await send(
                broker, method, "/policies/reader", match: match, noneMatch: match == nil ? "*" : nil,
                body: method == .put ? Self.policy : nil)
            #expect(answer.problemCode == "conflict")
            #expect(answer.detail.contains("policies.yaml"), "\(answer.detail)")
        }
        let before = try #require(shown.headers[.eTag])
        try await broker.load(BrokerUnderTest.policies.replacing("reads", with: "still reads"))
        #expect(try await send(broker, .get, "/policies/reader").headers[.eTag] != before)
        let history = try await send(broker, .get, "/policies/reader/versions").json["versions"] as? [[String: Any]]
        #expect(history?.count == 2)
    }

    @Test(arguments: [true, false])
    func `an external id is refused where AWS has no place for it`(isAllowed: Bool) async throws {
        let broker = try await BrokerUnderTest(isGovernedByAPI: true, allowsExternalID: isAllowed)
        let body = Self.policy.replacing("\"risk\"", with: #""external_id": "shared", "risk""#)
        let answer = try await send(broker, .put, "/policies/new", noneMatch: "*", body: body)
        #expect(answer.status == (isAllowed ? 201 : 422), "\(answer.body)")
        #expect(isAllowed || answer.detail.contains("policy:new"), "\(answer.detail)")
    }

    @Test func `ids with every character come back as they were`() async throws {
        let broker = try await BrokerUnderTest(isGovernedByAPI: true)
        let id = "a/b c%ü\"?#😀"
        let path = try #require(id.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
        let body = Self.policy.replacing("\"new\"", with: #""a/b c%ü\"?#\ud83d\ude00""#)
        let created = try await send(broker, .put, "/policies/\(path)", noneMatch: "*", body: body)
        #expect(created.status == 201, "\(created.body)")
        #expect(try await send(broker, .get, "/policies/\(path)").json["id"] as? String == id)
    }

    @Test func `what somebody broke in the records is shown, and written anew`() async throws {
        let broker = try await BrokerUnderTest(isGovernedByAPI: true)
        try broker.tamper("UPDATE policies SET document = json_remove(document, '$.risk') WHERE id = 'reader'")
        let shown = try await send(broker, .get, "/policies/reader")
        #expect((shown.json["problem"] as? String)?.contains("can't be used") == true)
        let body = Self.policy.replacing("\"new\"", with: "\"reader\"")
        let written = try await send(broker, .put, "/policies/reader", match: shown.headers[.eTag], body: body)
        #expect(written.status == 200)
        #expect(try await broker.records.policy("reader")?.description == "is new")
    }
}
