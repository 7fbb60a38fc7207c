import Foundation
import Testing

@testable import AccessControl

/// What the tests of conditions share.
enum ConditionSample {
    /// Saturday, 31 January 2026, 18:30:15 UTC.
    static let now = Date(timeIntervalSince1970: 1_769_884_215)

    /// Knows something for every key.
    static func context() throws -> ConditionContext {
        var context = ConditionContext(
            principal: Principal(
                id: PrincipalID(issuer: "https://id.example.com", subject: "u-1"), userName: "alice",
                teams: ["developers", "on-call"], claims: [:]))
        try context.setPolicy(Sample.policy(id: "Reader", risk: 40))
        context.email = "Alice@example.com"
        context.setClaims(["department": ["research"], "groups": ["a", "b"]])
        context.duration = .seconds(3_600)
        context.reason = "Fix the *broken* build"
        context.ticket = "OPS-17"
        context.mfaPresent = true
        context.mfaAge = .milliseconds(90_500)
        context.sourceAddress = SourceAddress("10.1.2.3")
        context.now = now
        context.requester = "bob@example.com"
        context.requesterTeams = ["auditors"]
        return context
    }

    /// The verdict of a block of one line.
    static func verdict(
        _ name: String, _ key: String, _ values: [String], in context: ConditionContext
    ) throws -> ConditionVerdict {
        let block = try ConditionBlock([name: [key: values]])
        let verdict = block.verdict(in: context)
        #expect(block.trace(in: context).verdict == verdict)
        return verdict
    }

    /// What is wrong with a block of one line; `nil` if nothing is.
    static func fault(_ name: String, _ key: String, _ values: [String]) -> InvalidCondition? {
        do throws(InvalidCondition) {
            _ = try ConditionBlock([name: [key: values]])
            return nil
        } catch {
            return error
        }
    }
}

/// A line, and whether it holds in ``ConditionSample/context()``.
struct ConditionCase: Sendable, CustomTestStringConvertible {
    let name: String
    let key: String
    let values: [String]
    let holds: Bool

    init(_ name: String, _ key: String, _ values: [String], _ holds: Bool) {
        self.name = name
        self.key = key
        self.values = values
        self.holds = holds
    }

    var testDescription: String { "\(name) \(key) \(values) \(holds ? "holds" : "fails")" }
}

/// A line that can't be used, and a part of what the error says.
struct ConditionFault: Sendable, CustomTestStringConvertible {
    let name: String
    let key: String
    let values: [String]
    let message: String

    init(_ name: String, _ key: String, _ values: [String], _ message: String) {
        self.name = name
        self.key = key
        self.values = values
        self.message = message
    }

    var testDescription: String { "\(name) \(key) \(values)" }
}
