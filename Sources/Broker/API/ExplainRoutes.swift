import AccessControl
import BrokerAPI
import BrokerStore
import Credentials
import FoundationEssentials
import Hummingbird

/// `/v1/explain`: what the rules would say to a request. Nothing is made, and nothing recorded. To the caller of their own
/// requests; to auditors of anybody's, with what conditions saw and wanted.
struct ExplainRoutes: Sendable {
    let authenticator: Authenticator
    let issuance: CredentialIssuance
    let auditors: Set<String>

    var routes: [Route] { [Route(method: .post, path: "/v1/explain", answer: explain)] }

    private func explain(_ request: Request) async throws -> Response {
        let caller = try await authenticator.principal(in: request.headers, path: "/v1/explain")
        let call = try await JSONRequest.decode(ExplainCall.self, keys: ExplainCall.CodingKeys.self, from: request)
        let isAuditor = !auditors.isDisjoint(with: caller.teams)
        let principal: Principal
        if let user = call.user {
            guard isAuditor else {
                throw Problem(
                    ProblemDetails(
                        status: 403, code: .accessDenied,
                        detail: "The requests of others are explained to auditors only."))
            }
            principal = try somebody(user, call, asKnownBy: caller)
        } else {
            guard !call.hasFacts else {
                throw Problem.invalidRequest("The key \"user\" must say whose facts these are.")
            }
            principal = caller
        }
        let wish = try Wish(
            policy: call.policy, seconds: call.durationSeconds, allowsShorter: call.shorten, reason: call.reason,
            ticket: call.ticket, startsAt: try instant(call.startsAt, key: "starts_at"))
        let explanation = try await issuance.explanation(of: wish, by: principal, inDetail: isAuditor)
        // To others, a policy of other teams doesn't exist.
        guard isAuditor || explanation.mayBeKnown else { throw Self.unknownPolicy }
        return JSONAnswer.response(explanation)
    }

    private static let unknownPolicy = Problem(
        ProblemDetails(
            status: 404, code: .policyNotFound,
            detail: "There is no policy of this id that your teams may request; list your policies to see which."))

    private func somebody(_ user: String, _ call: ExplainCall, asKnownBy caller: Principal) throws(Problem) -> Principal
    {
        let issuer = call.issuer ?? caller.id.issuer
        guard let tagClaims = authenticator.tagClaims(of: issuer) else {
            throw .invalidRequest("The key \"issuer\" must be one that the broker trusts.")
        }
        guard (call.teams ?? []).allSatisfy({ isTeamName($0) }), (call.teams ?? []).count <= TeamsClaim.most else {
            throw .invalidRequest("The key \"teams\" must be a list of at most \(TeamsClaim.most) names of teams.")
        }
        let claims = call.claims ?? [:]
        if let name = claims.filter({ $0.value == .null }).keys.min() {
            throw .invalidRequest(
                "The key \"claims\" must not have null as \"\(excerpt(name))\"; leave out a claim that is missing.")
        }
        let source = call.source.map { SourceAddress($0) }
        if case .some(nil) = source { throw .invalidRequest("The key \"source\" must be an IP address.") }
        return Principal(
            id: PrincipalID(issuer: issuer, subject: user), userName: user, teams: call.teams ?? [],
            claims: claims.texts, claimLists: claims.lists, otherClaims: claims.others, tagClaims: tagClaims,
            email: call.email, usedSeveralFactors: call.amr?.contains("mfa"), authenticationMethods: call.amr ?? [],
            authenticationClass: call.acr, authenticatedAt: try instant(call.signedInAt, key: "signed_in_at"),
            source: RequestSource(address: source ?? nil))
    }

    private func instant(_ text: String?, key: String) throws(Problem) -> Date? {
        guard let text else { return nil }
        guard let date = AWSTimestamp.date(text) else {
            throw .invalidRequest("The key \"\(key)\" must be an instant like 2030-01-31T09:00:00Z.")
        }
        return date
    }
}

extension Explanation {
    /// Whether one of the principal's teams may request the policy.
    fileprivate var mayBeKnown: Bool {
        let name = TeamMembership().name
        return longestSeconds != nil
            && rules.contains { $0.rule == name && $0.verdict == RuleResult.Verdict.permits.rawValue }
    }
}
