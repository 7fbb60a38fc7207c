package import AccessControl

/// A request that nobody has made, judged as the broker would judge it, against policies that need not be the broker's.
package struct SupposedRequest: Sendable {
    package let request: AccessRequest
    /// Whether the broker's own AWS credentials come from an assumed role.
    package let chainsRoles: Bool

    package init(_ request: AccessRequest, chainsRoles: Bool) {
        self.request = request
        self.chainsRoles = chainsRoles
    }

    /// What the broker's rules say. No evaluator is asked.
    package func decision(under catalog: PolicyCatalog) -> Decision {
        AccessRules.complete.decide(request, knowing: facts(of: catalog))
    }

    /// The same, with all that led to it.
    package func explanation(under catalog: PolicyCatalog) -> Explanation {
        let facts = facts(of: catalog)
        let decision = AccessRules.complete.decide(request, knowing: facts)
        return Explanation(decision, on: request, knowing: facts, inDetail: true)
    }

    private func facts(of catalog: PolicyCatalog) -> AccessFacts {
        let policy = catalog.policies.first { $0.id == request.policyID }
        return AccessFacts(
            policy: policy, teams: catalog.teams.filter { request.principal.teams.contains($0.id) },
            chainsRoles: chainsRoles, zones: ZoneFiles.offsets(of: policy?.requirements?.zones ?? []))
    }
}
