import AccessControl
import Broker
import BrokerStore
import Foundation
import HTTPTypes
import Testing

/// Lists of requests that are longer than a page.
@Suite struct RequestPagingTests {
    /// As many requests as wait, of two people, and a few that are granted at once.
    private func crowded() async throws -> BrokerUnderTest {
        let broker = try await BrokerUnderTest()
        for number in 0..<20 {
            let (policy, token) =
                number % 2 == 0 ? ("admin", FakeTokens.developer) : ("root", FakeTokens.tagless)
            _ = try await broker.send(.post, "/v1/requests", token: token, body: #"{"policy":"\#(policy)"}"#)
            // Several in one millisecond, too.
            if number % 3 == 0 { broker.clock.advance(by: 0.001) }
        }
        return broker
    }

    private func ids(
        _ broker: BrokerUnderTest, _ query: String, as token: String, between pages: () async throws -> Void = {}
    ) async throws -> [[String]] {
        var (found, next) = ([[String]](), "")
        while true {
            let answer = try await broker.send(.get, "/v1/requests?\(query)\(next)", token: token)
            #expect(answer.status == 200)
            found.append(
                (answer.json["requests"] as? [[String: Any]] ?? []).compactMap { $0["request_id"] as? String })
            guard let text = answer.json["next_token"] as? String else { return found }
            next = "&next_token=\(text)"
            try await pages()
        }
    }

    @Test func `pages have every request once, the newest first, whatever comes meanwhile`() async throws {
        let broker = try await crowded()
        let whole = try await ids(broker, "scope=mine", as: FakeTokens.developer)
        #expect(whole.count == 1 && whole[0].count == 10)
        let paged = try await ids(broker, "limit=3", as: FakeTokens.developer) {
            broker.clock.advance(by: 1)
            _ = try await broker.send(.post, "/v1/requests", body: #"{"policy":"reader"}"#)
        }
        #expect(paged.map(\.count) == [3, 3, 3, 1])
        #expect(paged.flatMap(\.self) == whole[0])
    }

    @Test func `what waits for somebody is found behind what waits for others`() async throws {
        let broker = try await crowded()
        // `root` may be decided by developers too, but not their own.
        let guardians = try await ids(broker, "scope=to_decide&limit=7", as: FakeTokens.guardian)
        #expect(guardians.map(\.count) == [7, 7, 6])
        let developers = try await ids(broker, "scope=to_decide&limit=4", as: FakeTokens.developer)
        #expect(developers.flatMap(\.self).count == 10)
        #expect(Set(developers.flatMap(\.self)).count == 10)
        #expect(try await ids(broker, "scope=to_decide", as: FakeTokens.stranger) == [[]])
        for requests in try await ids(broker, "scope=to_decide", as: FakeTokens.guardian) {
            #expect(requests.count == 20)
        }
    }

    @Test(arguments: ["limit=0", "limit=201", "limit=1x", "next_token=x", "next_token=MQ", "next_token=MS54"])
    func `a page that can't be is refused`(query: String) async throws {
        let broker = try await BrokerUnderTest()
        #expect(try await broker.send(.get, "/v1/requests?\(query)").problemCode == "invalid_request")
    }

    @Test func `a list reads each policy once`() async throws {
        let broker = try await crowded()
        let before = broker.records.policyReads
        _ = try await ids(broker, "scope=to_decide", as: FakeTokens.guardian)
        #expect(broker.records.policyReads - before == 2)
    }

    @Test(arguments: [1, 200])
    func `a page takes one question to the records, however short it is and however many wait for others`(
        limit: Int
    ) async throws {
        let broker = try await crowded()
        let before = broker.records.caseListings
        #expect(try await ids(broker, "scope=to_decide&limit=\(limit)", as: FakeTokens.stranger) == [[]])
        #expect(broker.records.caseListings - before == 1)
        // Half of what waits is for the developer to decide, and between each two of those is one for others.
        let pages = try await ids(broker, "scope=to_decide&limit=\(limit)", as: FakeTokens.developer)
        #expect(pages.flatMap(\.self).count == 10)
        #expect(broker.records.caseListings - before == 1 + pages.count)
    }
}
