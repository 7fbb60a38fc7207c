package import AccessControl

/// A request that nobody has made, judged as the broker would judge it, against policies that need not be the broker's.
package struct SupposedRequest: Sendable {
    package let request: AccessRequest
    /// Whether the broker's own AWS credentials come from an assumed role.
    package let chainsRoles: Bool
    /// What an evaluator would say to it; `nil` where none is configured. None is asked here.
    package let evaluation: ExternalEvaluation?

    package init(_ request: AccessRequest, chainsRoles: Bool, evaluation: ExternalEvaluation? = nil) {
        self.request = request
        self.chainsRoles = chainsRoles
        self.evaluation = evaluation
    }

    /// What the broker's rules say.
    package func decision(under catalog: PolicyCatalog) -> Decision {
        AccessRules.complete.decide(request, knowing: facts(of: catalog))
    }

    /// The same, with all that led to it.
    package func explanation(under catalog: PolicyCatalog) -> Explanation {
        let facts = facts(of: catalog)
        let decision = AccessRules.complete.decide(request, knowing: facts)
        return Explanation(decision, on: request, knowing: facts, inDetail: true)
    }

    /// Whether `approver` would be one of those who decide on it, at the moment when it is made. Nobody is where the
    /// rules decide alone.
    package func isDecided(by approver: Principal, under catalog: PolicyCatalog) -> Bool {
        let facts = facts(of: catalog)
        let decision = AccessRules.complete.decide(request, knowing: facts)
        let approval = ApprovalCase(request, decision: decision, facts: facts, requesterAddress: nil)
        return approval?.isDecided(by: approver, under: facts.policy, at: request.receivedAt) ?? false
    }

    private func facts(of catalog: PolicyCatalog) -> AccessFacts {
        let policy = catalog.policies.first { $0.id == request.policyID }
        let facts = AccessFacts(
            policy: policy, teams: catalog.teams.filter { request.principal.teams.contains($0.id) },
            chainsRoles: chainsRoles, zones: ZoneFiles.offsets(of: policy?.requirements?.zones ?? []))
        guard let evaluation else { return facts }
        let isAsked = AccessRules.complete.leaveToEvaluator(request, knowing: facts)
        return facts.with(isAsked ? evaluation : .notAsked)
    }
}
