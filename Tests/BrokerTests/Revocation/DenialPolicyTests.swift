import Foundation
import Testing

@testable import Broker

@Suite struct DenialPolicyTests {
    private struct Document: Decodable {
        let version: String
        let statements: [Statement]

        enum CodingKeys: String, CodingKey {
            case version = "Version"
            case statements = "Statement"
        }

        struct Statement: Decodable {
            let effect, action, resource: String
            let condition: [String: [String: [String]]]

            enum CodingKeys: String, CodingKey {
                case effect = "Effect"
                case action = "Action"
                case resource = "Resource"
                case condition = "Condition"
            }
        }
    }

    @Test func `exactly these sessions are denied everything, in one statement`() throws {
        let policy = DenialPolicy(denying: ["alice@example.com.0123456789ab", "bob.ba9876543210"], room: 10_240)
        let document = try JSONDecoder().decode(Document.self, from: Data(policy.document.utf8))
        let statement = try #require(document.statements.first)
        #expect(document.version == "2012-10-17" && document.statements.count == 1)
        #expect(statement.effect == "Deny" && statement.action == "*" && statement.resource == "*")
        let ids = ["*:alice@example.com.0123456789ab", "*:bob.ba9876543210"]
        #expect(statement.condition == ["StringLike": ["aws:userid": ids]])
    }

    @Test(arguments: [0, 139, 140, 200, 1000, 10_240])
    func `never more than there is room for, and those that matter most first`(room: Int) {
        let names = (0..<500).map { "user-\($0).\(String(repeating: "a", count: 12))" }
        let policy = DenialPolicy(denying: names, room: room)
        #expect(policy.sessionNames.elementsEqual(names.prefix(policy.sessionNames.count)))
        if !policy.sessionNames.isEmpty {
            #expect(DenialPolicy.countedCharacters(policy.document) <= room)
            let more = DenialPolicy(denying: Array(names.prefix(policy.sessionNames.count + 1)), room: .max)
            #expect(DenialPolicy.countedCharacters(more.document) > room, "one more would have fitted")
        }
    }

    @Test func `about 140 sessions with the longest names fit into an empty role`() {
        let names = (0..<300).map { _ in String(repeating: "n", count: 64) }
        #expect(DenialPolicy(denying: names, room: 10_240).sessionNames.count == 146)
    }
}
