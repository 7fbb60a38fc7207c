import AccessControl
import BrokerAPI

/// Why something can't be done with a policy or team.
enum CatalogFailure: Error, Equatable {
    case notFound(AuditedPolicyChange.Subject)
    /// Files govern; which.
    case governedByFiles(String)
    /// It is not what its author has seen.
    case otherVersion
    case policyInUse(team: String)
    /// What breaks which rule, with the field's name.
    case unusable(String)
}

extension Problem {
    init(_ failure: CatalogFailure) {
        switch failure {
        case .notFound(.team):
            self.init(404, .teamNotFound, "There is no such team.")
        case .notFound:
            self.init(404, .policyNotFound, "There is no such policy.")
        case .governedByFiles(let file):
            self.init(
                409, .conflict,
                "Policies and teams come from \(file); change them there, and send the broker SIGHUP.")
        case .otherVersion:
            self.init(
                412, .preconditionFailed,
                "It is not what you have seen: somebody has written, changed or removed it. Read it again.")
        case .policyInUse(let team):
            self.init(409, .conflict, "The team \"\(excerpt(team))\" names the policy; take it out there first.")
        case .unusable(let problem):
            self.init(422, .policyUnusable, "It can't be used: \(problem).")
        }
    }

    private init(_ status: Int, _ code: BrokerErrorCode, _ detail: String) {
        self.init(ProblemDetails(status: status, code: code, detail: detail))
    }
}
