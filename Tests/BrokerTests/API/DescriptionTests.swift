import AccessControl
import Broker
import BrokerAPI
import Foundation
import HTTPTypes
import Testing

@testable import Broker

/// `openapi.yaml` names what there is.
@Suite struct DescriptionTests {
    @Test func `each path and method is described, and nothing else`() async throws {
        let broker = try await BrokerUnderTest()
        let answer = try await broker.send(.get, "/openapi.yaml", token: nil)
        #expect(answer.headers[.contentType] == "application/yaml")
        var (described, path) = (Set<String>(), "")
        for line in answer.body.split(separator: "\n") {
            if line.hasPrefix("components:") { break }
            if let match = line.wholeMatch(of: #/\u{20}{2}(/[^:]*):/#) { path = String(match.1) }
            if let match = line.wholeMatch(of: #/\u{20}{4}(get|post|put|delete):/#) {
                described.insert("\(match.1) \(path)")
            }
        }
        let routes = allRoutes(of: broker.parts).map { "\($0.method.rawValue.lowercased()) \($0.path)" }
        #expect(described == Set(routes))
        #expect(BrokerErrorCode.allCases.allSatisfy { answer.body.contains($0.rawValue) })
    }
}
