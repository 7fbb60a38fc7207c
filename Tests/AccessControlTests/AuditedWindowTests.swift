import AccessControl
import FoundationEssentials
import Testing

/// What was recorded before events said for when access was asked or granted.
@Suite struct AuditedWindowTests {
    private let head = #""requestID":"0123456789abcdef0123456789abcdef""#

    private func read<Event: Decodable>(_ type: Event.Type, _ fields: String) throws -> Event {
        try JSONDecoder().decode(type, from: Data("{\(head),\(fields)}".utf8))
    }

    @Test func `a request without a beginning is read`() throws {
        let event = try read(
            AuditedRequest.self,
            #""policyID":"reader","principal":{"issuer":"i","subject":"s"},"teams":[],"userName":"developer""#)
        #expect(event.startsAt == nil && event.policyID == "reader")
    }

    @Test func `a decision and a change of state without a window are read`() throws {
        let decision = try read(AuditedDecision.self, #""outcome":"allow","policyID":"reader","trace":[]"#)
        #expect(decision.notBefore == nil && decision.notAfter == nil && decision.outcome == .allow)
        let change = try read(AuditedStateChange.self, #""from":"pending","to":"active""#)
        #expect(change.notBefore == nil && change.notAfter == nil && change.to == .active)
    }
}
