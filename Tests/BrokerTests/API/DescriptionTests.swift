import AccessControl
import Broker
import BrokerAPI
import Foundation
import HTTPTypes
import Testing

@testable import Broker

/// `openapi.yaml` names what there is.
@Suite struct DescriptionTests {
    /// What the description says of each method of a path.
    private func operations(in description: String) -> [String: String] {
        var (operations, path, operation) = ([String: String](), "", "")
        for line in description.split(separator: "\n") {
            if line.hasPrefix("components:") { break }
            if let match = line.wholeMatch(of: #/\u{20}{2}(/[^:]*):/#) { (path, operation) = (String(match.1), "") }
            if let match = line.wholeMatch(of: #/\u{20}{4}(get|post|put|delete):/#) {
                operation = "\(match.1) \(path)"
            }
            if !operation.isEmpty { operations[operation, default: ""] += "\(line)\n" }
        }
        return operations
    }

    @Test func `each path and method is described, and nothing else`() async throws {
        let broker = try await BrokerUnderTest()
        let answer = try await broker.send(.get, "/openapi.yaml", token: nil)
        #expect(answer.headers[.contentType] == "application/yaml")
        let routes = allRoutes(of: broker.parts).map { "\($0.method.rawValue.lowercased()) \($0.path)" }
        #expect(Set(operations(in: answer.body).keys) == Set(routes))
        #expect(BrokerErrorCode.allCases.allSatisfy { answer.body.contains($0.rawValue) })
    }

    @Test func `whoever asks too often gets 429 wherever that is, and each method is described so`() async throws {
        let broker = try await BrokerUnderTest()
        let description = try await broker.send(.get, "/openapi.yaml", token: nil).body
        let operations = operations(in: description)
        #expect(operations.count > 20)
        for (operation, text) in operations {
            #expect(text.contains(##"        "429": {$ref: "#/components/responses/TooMany"}"##), "\(operation)")
        }
    }

    @Test(arguments: [
        ("Unauthorized", "WWW-Authenticate"), ("TooMany", "Retry-After"), ("Unavailable", "Retry-After"),
    ])
    func `what answers of all paths have beside their body is described`(answer: String, header: String) async throws {
        let description = try await BrokerUnderTest().send(.get, "/openapi.yaml", token: nil).body
        let components = try #require(description.components(separatedBy: "\n  responses:\n").last)
        let text = try #require(components.components(separatedBy: "    \(answer):\n").last).split(separator: "\n")
        #expect(
            text.dropFirst().first == ##"      headers: {\##(header): {$ref: "#/components/headers/\##(header)"}}"##)
        #expect(description.contains("\n    \(header): {required: true, "))
    }
}
