package import AccessControl
package import StrictYAML

/// `stsbroker policy test FILE`: requests that somebody might make of policies, and what should become of them.
package struct PolicyCases: Decodable, Sendable {
    /// The file or directory of policies; a relative path starts at this file.
    let policies: String
    /// Whether the broker's own AWS credentials come from an assumed role.
    let chainsRoles: Bool
    let cases: [PolicyCase]

    private struct Fields: Decodable {
        let policies: String
        let chainsRoles: Bool?
        let tags: [String: String]?
        let cases: CasesField

        enum CodingKeys: String, CodingKey {
            case policies, tags, cases
            case chainsRoles = "chained"
        }
    }

    private struct CasesField: Decodable {
        let fields: [PolicyCaseFields]

        init(from decoder: any Decoder) throws {
            fields = try [PolicyCaseFields](from: decoder)
            guard !fields.isEmpty else { throw decoder.refusal("must have a case") }
        }
    }

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(from: decoder)
        policies = fields.policies
        chainsRoles = fields.chainsRoles ?? false
        let claims = fields.tags.map(TagClaims.listed) ?? .original
        cases = fields.cases.fields.map { $0.policyCase(tagClaims: claims) }
    }

    /// Reads the cases and the policies that they are about, and judges all.
    package static func run(path: String) throws(InvalidYAML) -> [PolicyCaseResult] {
        let file = try StrictYAML.read(PolicyCases.self, path: path)
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
        let catalog = try PolicyFile.read(path: file.policies.hasPrefix("/") ? file.policies : folder + file.policies)
        return file.cases.map { $0.result(under: catalog.catalog, chainsRoles: file.chainsRoles) }
    }
}

/// A case with what became of it.
package struct PolicyCaseResult: Codable, Sendable, Equatable {
    package var name: String
    package var passed: Bool
    package var expected: Decision.Outcome
    package var outcome: Decision.Outcome
    /// What is other than expected, one sentence each.
    package var differences: [String]
    /// What led to the outcome.
    package var reasons: [String]
}

struct PolicyCase: Sendable {
    let name: String
    let request: AccessRequest
    /// What an evaluator says to it; `nil` where none is asked.
    let evaluation: ExternalEvaluation?
    let expected: Decision.Outcome
    /// The rules that must have led to it.
    let rules: [String]
    /// Session tags that it must have.
    let tags: [String: String]
    /// Who must be able to decide on it, or must not.
    let approvers: [Approver]

    /// Somebody, and whether they may.
    struct Approver: Sendable {
        let principal: Principal
        let may: Bool
    }

    func result(under catalog: PolicyCatalog, chainsRoles: Bool) -> PolicyCaseResult {
        let supposed = SupposedRequest(request, chainsRoles: chainsRoles, evaluation: evaluation)
        let decision = supposed.decision(under: catalog)
        let decisive = decision.trace.filter { decision.reasons.contains($0.reason) }
        var differences: [String] = []
        if decision.outcome != expected {
            differences.append("expected \(expected.rawValue), but it is \(decision.outcome.rawValue)")
        }
        for rule in rules where !decisive.contains(where: { $0.rule == rule }) {
            differences.append("expected the rule \(rule) to lead to it, but it was \(Self.names(decisive))")
        }
        differences += tagDifferences(supposed, under: catalog)
        if decision.outcome == .needsApproval { differences += approverDifferences(supposed, under: catalog) }
        return PolicyCaseResult(
            name: name, passed: differences.isEmpty, expected: expected, outcome: decision.outcome,
            differences: differences, reasons: decisive.map { "\($0.rule): \($0.reason.detail)" })
    }

    private func tagDifferences(_ supposed: SupposedRequest, under catalog: PolicyCatalog) -> [String] {
        let actual = supposed.explanation(under: catalog).tags ?? []
        return tags.sorted(by: { $0.key < $1.key }).compactMap { key, value in
            let found = actual.first { $0.key == key }?.value
            guard found != value else { return nil }
            return "expected the tag \(key) to be \"\(value)\", but it is \(found.map { "\"\($0)\"" } ?? "missing")"
        }
    }

    private func approverDifferences(_ supposed: SupposedRequest, under catalog: PolicyCatalog) -> [String] {
        approvers.enumerated().compactMap { index, approver in
            guard supposed.isDecided(by: approver.principal, under: catalog) != approver.may else { return nil }
            let said = approver.may ? "may decide, but they may not" : "may not decide, but they may"
            return "expected that approver \(index + 1) (\(approver.principal.userName)) \(said)"
        }
    }

    private static func names(_ results: [RuleResult]) -> String { results.map(\.rule).joined(separator: ", ") }
}
