import AccessControl
import Foundation
import HTTPTypes
import Testing

@testable import Broker

@Suite("Audit API")
struct AuditRoutesTests {
    private let broker: BrokerUnderTest

    init() async throws { broker = try await BrokerUnderTest() }

    private func records(_ query: String) async throws -> [AuditLine] {
        let answer = try await broker.send(.get, "/v1/audit\(query)", token: FakeTokens.guardian)
        #expect(answer.status == 200)
        return try JSONDecoder().decode(AuditPage.self, from: Data(answer.body.utf8)).records
    }

    @Test("Auditors read all of it, in pages that can be verified")
    func pages() async throws {
        for _ in 0..<3 { _ = try await broker.ask("reader") }
        let all = try await records("")
        var verification = AuditVerification()
        #expect(all.allSatisfy { verification.problem(with: $0) == nil })
        #expect(verification.first == 1)
        #expect(try await records("?after=2&limit=3") == Array(all.dropFirst(2).prefix(3)))
        #expect(try await records("?after=999").isEmpty)
        #expect(!all.map(\.details).joined().contains(FakeSTS.secretKey))
    }

    @Test("An access key, or a session's name, leads to request, decision and issuance")
    func whois() async throws {
        let issued = try await broker.ask("reader")
        _ = try await broker.ask("reader", token: FakeTokens.longTag)
        let key = try #require(issued.json["access_key_id"] as? String)
        let lines = try await records("/sessions?name=\(key)")
        #expect(lines.map(\.kind) == ["request", "decision", "issuance"])
        #expect(Set(lines.map(\.requestID)) == [issued.json["request_id"] as? String])
        #expect(try await records("/sessions?name=developer") == lines)
        #expect(try await records("/sessions?name=nobody").isEmpty)
        #expect(try await records("/sessions?name=%27%20OR%201%3D1%20--").isEmpty)
    }

    @Test func `a key that was minted and withheld leads to the refusal that says so`() async throws {
        broker.records.fail(.record)
        #expect(try await broker.ask("reader").status == 503)
        broker.records.fail()
        let lines = try await records("/sessions?name=ASIAEXAMPLE1")
        #expect(lines.map(\.kind) == ["request", "decision", "refusal"])
    }

    @Test func `of many keys under one request, each is found, and the answer says that there are others`() async throws
    {
        let asked = #"{"policy":"reader","sessionDuration":3600}"#
        #expect(try await broker.send(.post, "/credentials/request", body: asked).status == 200)
        for number in 1...3 {
            #expect(try await broker.send(.get, "/credentials").status == 200)
            let path = "/v1/audit/sessions?name=ASIAEXAMPLE\(number)"
            let answer = try await broker.send(.get, path, token: FakeTokens.guardian)
            let excerpt = try JSONDecoder().decode(AuditExcerpt.self, from: Data(answer.body.utf8))
            #expect(excerpt.records.map(\.kind) == ["request", "decision", "issuance"])
            #expect(excerpt.records.last?.details.contains("\"ASIAEXAMPLE\(number)\"") == true)
            #expect(answer.json["left_out"] as? [String] == (number == 1 ? nil : ["issuance"]))
        }
    }

    @Test("Checkpoints come with the records that they cover, and alone with the key that verifies them")
    func checkpoints() async throws {
        let seal = try #require(broker.parts.seal)
        await seal.seal(always: true)
        let covered = try #require(try await records("").last).sequence
        _ = try await broker.ask("reader")
        let answer = try await broker.send(.get, "/v1/audit", token: FakeTokens.guardian)
        let page = try JSONDecoder().decode(AuditPage.self, from: Data(answer.body.utf8))
        #expect(page.checkpoints?.map(\.sequence) == [covered])
        #expect(page.checkpoints?.first?.isSigned(by: broker.auditKey.publicKey) == true)
        let alone = try await broker.send(.get, "/v1/audit/checkpoints", token: FakeTokens.guardian)
        let checkpoints = try JSONDecoder().decode(AuditCheckpointPage.self, from: Data(alone.body.utf8))
        #expect(checkpoints == AuditCheckpointPage(checkpoints: page.checkpoints ?? [], key: broker.auditKey.publicKey))
        let later = try await broker.send(
            .get, "/v1/audit/checkpoints?after=\(covered)", token: FakeTokens.guardian)
        #expect((later.json["checkpoints"] as? [Any])?.isEmpty == true)
    }

    @Test("Nobody else reads it, and parameters are checked")
    func doors() async throws {
        for path in ["/v1/audit", "/v1/audit/sessions?name=x", "/v1/audit/checkpoints"] {
            #expect(try await broker.send(.get, path).status == 403)
            #expect(try await broker.send(.get, path, token: nil).status == 401)
        }
        for query in [
            "?after=x", "?after=-1", "?limit=0", "?limit=1001", "?limit=", "/sessions", "/sessions?name=",
            "/checkpoints?after=x",
        ] {
            let answer = try await broker.send(.get, "/v1/audit\(query)", token: FakeTokens.guardian)
            #expect(answer.status == 400, "\(query)")
        }
        broker.records.fail(.read)
        #expect(try await broker.send(.get, "/v1/audit", token: FakeTokens.guardian).status == 503)
    }
}
