import AccessControl
import StrictYAML

/// Finds all that is wrong with policy files at once; ``PolicyFile`` stops at the first.
package enum PolicyLint {
    /// The paths are files, or directories of files; all of them together are one set of policies and teams.
    /// - Parameter chainsRoles: whether the broker's own AWS credentials come from an assumed role.
    package static func findings(in paths: [String], chainsRoles: Bool = false) -> [PolicyFinding] {
        var findings: [PolicyFinding] = []
        var documents: [DecodedYAML<LintedFile>] = []
        for path in paths {
            do throws(InvalidYAML) {
                for file in try PolicyFile.files(at: path) {
                    do throws(InvalidYAML) {
                        documents.append(try StrictYAML.readDocument(LintedFile.self, path: file))
                    } catch {
                        findings.append(PolicyFinding(.error, error))
                    }
                }
            } catch {
                findings.append(PolicyFinding(.error, error))
            }
        }
        let hasUnreadable = !findings.isEmpty || documents.contains { $0.value.hasUnreadablePolicies }
        var catalog = LintedCatalog(documents, isComplete: !hasUnreadable, chainsRoles: chainsRoles)
        return findings + catalog.findings()
    }
}

/// The files' policies and teams against each other.
private struct LintedCatalog {
    private let documents: [DecodedYAML<LintedFile>]
    /// Whether every policy's id is known.
    private let isComplete: Bool
    private let chainsRoles: Bool
    /// Whether any policy names a notification target; then there are some.
    private let hasTargets: Bool
    private let policyIDs: Set<String>
    private let requestable: Set<String>
    private var policiesSeen: Set<String> = []
    private var teamsSeen: Set<String> = []

    init(_ documents: [DecodedYAML<LintedFile>], isComplete: Bool, chainsRoles: Bool) {
        self.documents = documents
        self.isComplete = isComplete
        self.chainsRoles = chainsRoles
        let policies = documents.flatMap { $0.value.readablePolicies }
        hasTargets = policies.contains { (try? $0.policy.get())?.approval?.notify?.isEmpty == false }
        policyIDs = Set(policies.map(\.id))
        requestable = Set(documents.flatMap { $0.value.readableTeams.flatMap(\.policies) })
    }

    mutating func findings() -> [PolicyFinding] {
        var findings: [PolicyFinding] = []
        for document in documents {
            for (index, element) in (document.value.policies ?? []).enumerated() {
                findings += policy(element, at: "policies[\(index)]", of: document)
            }
            for (index, element) in (document.value.teams ?? []).enumerated() {
                findings += team(element, at: "teams[\(index)]", of: document)
            }
        }
        return findings
    }

    private mutating func policy(
        _ element: LintedElement<PolicyEntry>, at path: String, of document: DecodedYAML<LintedFile>
    ) -> [PolicyFinding] {
        func finding(_ severity: PolicyFinding.Severity, _ field: String, _ problem: String) -> PolicyFinding {
            PolicyFinding(severity, document.invalid(at: field.isEmpty ? path : "\(path).\(field)", problem))
        }
        switch element.result {
        case .failure(let error): return [PolicyFinding(.error, error)]
        case .success(let entry):
            var findings: [PolicyFinding] = []
            if !policiesSeen.insert(entry.id).inserted {
                findings.append(finding(.error, "id", "is \"\(entry.id)\", as that of an earlier policy"))
            }
            switch entry.policy {
            case .failure(let error): findings.append(finding(.error, error.field, error.problem))
            case .success(let policy):
                let warnings = PolicyWarning.warnings(
                    for: policy, chainsRoles: chainsRoles, hasTargets: hasTargets)
                for warning in warnings {
                    findings.append(finding(.warning, warning.field, "\(warning)"))
                }
                if !requestable.contains(entry.id) {
                    findings.append(finding(.warning, "id", "is \"\(entry.id)\", which no team may request"))
                }
            }
            return findings
        }
    }

    private mutating func team(
        _ element: LintedElement<TeamEntry>, at path: String, of document: DecodedYAML<LintedFile>
    ) -> [PolicyFinding] {
        switch element.result {
        case .failure(let error): return [PolicyFinding(.error, error)]
        case .success(let entry):
            var findings: [PolicyFinding] = []
            if !teamsSeen.insert(entry.team.id).inserted {
                let problem = "is \"\(entry.team.id)\", as that of an earlier team"
                findings.append(PolicyFinding(.error, document.invalid(at: "\(path).id", problem)))
            }
            guard isComplete else { return findings }
            for (index, id) in entry.team.policies.enumerated() where !policyIDs.contains(id) {
                let place = "\(path).policies[\(index)]"
                findings.append(
                    PolicyFinding(.error, document.invalid(at: place, "is \"\(id)\", which is no policy here")))
            }
            return findings
        }
    }
}
