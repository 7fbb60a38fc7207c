import AccessControl
package import BrokerStore
package import FoundationEssentials
import Hummingbird
import IDTokens
package import Logging
import OIDC

/// From a request's headers to the principal it comes from.
package struct Authenticator: Sendable {
    private let tokens: any TokenVerifying
    /// By issuer.
    private let claims: [String: ClaimMapping]
    private let records: any BrokerRecords
    private let failures: FailureRecording
    private let requests: RequestPace<PrincipalID>
    private let logger: Logger
    private let now: @Sendable () -> Date

    /// Of one principal; a daemon with a hundred roles asks for one every ten seconds or so.
    package static let defaultRequestsPerSecond = 20

    package init(
        tokens: any TokenVerifying, claims: [String: ClaimMapping], records: any BrokerRecords,
        requestsPerSecond: Int = Self.defaultRequestsPerSecond, logger: Logger,
        now: @escaping @Sendable () -> Date
    ) {
        self.tokens = tokens
        self.claims = claims
        self.records = records
        self.failures = FailureRecording()
        requests = RequestPace(perSecond: Double(requestsPerSecond))
        self.logger = logger
        self.now = now
    }

    /// Which claims of that issuer give tags; `nil` for one that the broker doesn't trust.
    func tagClaims(of issuer: String) -> TagClaims? { claims[issuer]?.tags }

    /// Fails closed; a token that was presented and refused becomes an audit event.
    func principal(
        in headers: HTTPFields, path: String, source: RequestSource = .current
    ) async throws(AuthenticationFailure) -> Principal {
        do throws(AuthenticationFailure) {
            let token = try BearerToken(in: headers)
            let verified = try await verify(token)
            guard let mapping = claims[verified.issuer] else { throw AuthenticationFailure.unknownIssuer }
            let principal = try mapping.principal(of: verified, from: source)
            if let excess = requests.excess(of: principal.id, at: now()) {
                throw AuthenticationFailure.tooOften(retryAfter: Int(excess.rounded(.up)))
            }
            return principal
        } catch {
            await record(error, path: path, source: source)
            throw error
        }
    }

    private func verify(_ token: BearerToken) async throws(AuthenticationFailure) -> VerifiedIDToken {
        do {
            return try await tokens.verify(token.text)
        } catch {
            throw AuthenticationFailure(error)
        }
    }

    /// Puts it into the log and, unless it is no attempt or such failures come too fast, into the audit trail. A failure to record is
    /// logged and changes nothing: there is nothing to issue.
    /// - Parameter reason: what the log says besides the problem's code; no secret.
    func record(
        _ failure: AuthenticationFailure, reason: String? = nil, path: String, source: RequestSource = .current
    ) async {
        if case .tooOften = failure { return }
        guard failure != .noToken else { return }
        var metadata: Logger.Metadata = [
            "problem": "\(failure.problem)", "path": "\(path)",
            "from": "\(source.address?.description ?? "unknown")",
        ]
        if let reason { metadata["reason"] = "\(reason)" }
        logger.notice("authentication failed", metadata: metadata)
        if case .noSignIn(let problem) = failure, !problem.isAttempt { return }
        let instant = now()
        guard let suppressed = failures.admit(at: instant) else { return }
        let event = AuditedAuthenticationFailure(
            problem: failure.problem, path: path, source: source, suppressed: suppressed)
        do {
            try await records.append(.authenticationFailure(event), at: instant)
        } catch {
            logger.error("authentication failure not recorded", metadata: ["error": "\(error)"])
        }
    }
}

extension AuthenticationFailure {
    static let unknownIssuer = AuthenticationFailure.refused(
        problem: "unknown_issuer", advice: "The token's issuer is none that the broker trusts; sign in there.")
}
