import Broker
import BrokerStore
import FoundationEssentials
import Hummingbird
import HummingbirdTesting
import Testing

@Suite("Rate limit")
struct RateLimitTests {
    @Test("Who asks too often gets a 429 with Retry-After, others don't, and the trail is not filled with it")
    func tooOften() async throws {
        let broker = try await BrokerUnderTest()
        let parts = broker.parts
        let application = buildApplication(parts, address: .hostname("127.0.0.1", port: 0))
        try await application.test(.router) { client in
            func status(_ token: String) async throws -> (Int, String?) {
                let response = try await client.execute(
                    uri: "/v1/policies", method: .get, headers: [.authorization: "Bearer \(token)"])
                return (Int(response.status.code), response.headers[.retryAfter])
            }
            for _ in 0..<200 { #expect(try await status(FakeTokens.developer).0 == 200) }
            let refused = try await status(FakeTokens.developer)
            #expect(refused == (429, "1"))
            #expect(try await status(FakeTokens.stranger).0 == 200)
        }
        #expect(try await broker.auditKinds().isEmpty)
    }
}
