import AccessControl
import Foundation
import HTTPTypes
import Testing

/// Requests of the broker under test, by its API.
struct RequestsUnderTest: Sendable {
    let broker: BrokerUnderTest

    /// Asks as the developer; the answer.
    func ask(_ policy: String = "admin", seconds: Int = 1800, after delay: TimeInterval? = nil) async throws -> Answer {
        let start = delay.map { broker.clock.now.addingTimeInterval($0).formatted(.iso8601) }
        let startsAt = start.map { #","starts_at":"\#($0)""# } ?? ""
        return try await broker.send(
            .post, "/v1/requests", body: #"{"policy":"\#(policy)","duration_seconds":\#(seconds)\#(startsAt)}"#)
    }

    func decide(
        _ request: Answer, _ choice: String = "approve", as token: String = FakeTokens.guardian
    ) async throws -> Answer {
        let hash = try #require(request.json["content_hash"] as? String)
        return try await broker.send(
            .post, "/v1/requests/\(try id(request))/decision", token: token,
            body: #"{"decision":"\#(choice)","content_hash":"\#(hash)"}"#)
    }

    func post(_ verb: String, _ request: Answer, as token: String = FakeTokens.developer) async throws -> Answer {
        try await broker.send(.post, "/v1/requests/\(try id(request))/\(verb)", token: token, body: "{}")
    }

    func state(_ request: Answer) async throws -> String? {
        try await broker.send(.get, "/v1/requests/\(try id(request))").json["state"] as? String
    }

    /// Asked and approved.
    func granted(_ policy: String = "admin", seconds: Int = 1800, after delay: TimeInterval? = nil) async throws
        -> Answer
    {
        let request = try await ask(policy, seconds: seconds, after: delay)
        #expect(try await decide(request).status == 200)
        return request
    }

    func id(_ request: Answer) throws -> String { try #require(request.json["request_id"] as? String) }
}
