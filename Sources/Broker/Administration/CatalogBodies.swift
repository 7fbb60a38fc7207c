import AccessControl
import PolicyFiles
import StrictYAML

/// What administrators send: one policy or team of `policies.yaml` in JSON, checked as there, and against what this
/// broker can do.
struct CatalogBodies: Sendable {
    private let routing: NoticeRouting
    private let allowsExternalID: Bool
    private let hasEvaluator: Bool

    init(_ administration: Administration) {
        routing = administration.routing
        allowsExternalID = administration.allowsExternalID
        hasEvaluator = administration.hasEvaluator
    }

    /// With what is allowed, and likely to fail all the same; one sentence each.
    func policy(_ body: [UInt8], named id: String) throws -> (policy: AccessPolicy, warnings: [String]) {
        let (policy, warnings) = try decoded(body) { json, name throws(InvalidYAML) in
            try PolicyBody.policy(json, name: name, hasTargets: routing.hasTargets)
        }
        try check(policy.id, is: id)
        try check(policy)
        let evaluatorOnly = hasEvaluator ? EvaluatorOnlyPolicies([policy]).warning : nil
        return (policy, warnings + [evaluatorOnly].compactMap(\.self))
    }

    func team(_ body: [UInt8], named id: String) throws -> Team {
        let team = try decoded(body, PolicyBody.team)
        try check(team.id, is: id)
        return team
    }

    private func decoded<Content>(
        _ body: [UInt8], _ decode: ([UInt8], String) throws(InvalidYAML) -> Content
    ) throws -> Content {
        do throws(InvalidYAML) {
            return try decode(body, "body")
        } catch {
            // What isn't JSON at all is the client's; the rest, the administrator's.
            guard StrictYAML.isWellFormedJSON(body) else { throw Problem.invalidRequest("\(error)") }
            throw CatalogFailure.unusable("\(error)")
        }
    }

    private func check(_ id: String, is wanted: String) throws {
        guard id == wanted else { throw CatalogFailure.unusable("id must be \"\(excerpt(wanted))\", as in the path") }
    }

    private func check(_ policy: AccessPolicy) throws {
        guard policy.externalID == nil || allowsExternalID else {
            throw CatalogFailure.unusable(policy.problemOfExternalID)
        }
        do throws(IssuanceFailure) {
            try routing.check(policy.approval)
        } catch {
            throw CatalogFailure.unusable("approval.notify: \(error.description)")
        }
    }
}
