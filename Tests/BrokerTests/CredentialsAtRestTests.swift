import Foundation
import HTTPTypes
import Testing

@Suite("Credentials at rest")
struct CredentialsAtRestTests {
    @Test(
        "Defect A7: the database and its log hold no secret key, session token or ID token, however credentials were had"
    )
    func nothingStored() async throws {
        let broker = try await BrokerUnderTest()
        #expect(try await broker.ask("reader").status == 200)
        _ = try await broker.send(.post, "/credentials/request", body: #"{"policy":"reader","sessionDuration":900}"#)
        #expect(try await broker.send(.get, "/credentials").body.contains(FakeSTS.secretKey))
        for suffix in ["", "-wal"] {
            let bytes = try Data(contentsOf: URL(filePath: broker.path + suffix))
            #expect(!bytes.isEmpty)
            for secret in [FakeSTS.secretKey, FakeSTS.sessionToken, FakeTokens.developer] {
                #expect(bytes.range(of: Data(secret.utf8)) == nil)
            }
        }
    }

    @Test("Defect A7: what has ended is not handed out again: each pick-up mints, and after the window there is none")
    func neverExpired() async throws {
        let broker = try await BrokerUnderTest()
        _ = try await broker.send(.post, "/credentials/request", body: #"{"policy":"reader","sessionDuration":900}"#)
        #expect(try await broker.send(.get, "/credentials").body.contains("AccessKeyId"))
        #expect(try await broker.send(.get, "/credentials").body.contains("AccessKeyId"))
        #expect(broker.sts.calls.count == 2)
        broker.clock.advance(by: 900)
        #expect(try await broker.send(.get, "/credentials").body.isEmpty)
    }
}
