package import BrokerAPI
package import CredentialCache
package import Credentials
import OIDC

/// Gets credentials from the broker with the sign-in of the key's principal.
package struct BrokerIssuer: CredentialIssuer {
    private let broker: BrokerClient
    private let signIns: SignInStore
    private let issued: IssuedGrants
    private let role: @Sendable (CredentialKey) -> OfferedRole?

    /// - Parameters:
    ///   - issued: told under which request the credentials of each key are.
    ///   - role: what a key means now.
    package init(
        broker: BrokerClient, signIns: SignInStore, issued: IssuedGrants,
        role: @escaping @Sendable (CredentialKey) -> OfferedRole?
    ) {
        self.broker = broker
        self.signIns = signIns
        self.issued = issued
        self.role = role
    }

    package func issue(_ key: CredentialKey) async throws(IssueFailure) -> SessionCredentials {
        guard let role = role(key) else { throw IssueFailure(.roleNotFound) }
        if await signIns.isLocked(key.principal) { throw IssueFailure(.locked) }
        let token = try await idToken(for: key.principal)
        let call = CredentialsCall(policy: role.policy, durationSeconds: role.durationSeconds)
        do throws(BrokerClientError) {
            let answer = try await broker.credentials(call, idToken: token)
            issued.note(answer.requestID, for: key, until: answer.credentials.expiration)
            return answer.credentials
        } catch .signInRequired where signIns.workload?.principal == key.principal {
            let file = signIns.workload?.path ?? ""
            throw IssueFailure(
                .identityUnusable(
                    "The broker refuses the token in \(file); check its issuer and audience against the broker's."))
        } catch {
            throw IssueFailure(error)
        }
    }

    private func idToken(for principal: Principal) async throws(IssueFailure) -> Secret {
        do throws(SignInError) {
            return try await signIns.idToken(for: principal)
        } catch {
            throw IssueFailure(error)
        }
    }
}

extension IssueFailure {
    init(_ error: SignInError) {
        switch error {
        // Named, as the error has a case of that name, too.
        case .signInRequired, .denied: self.init(CredentialFailure.signInRequired)
        case .unusableTokenFile(let sentence): self.init(.identityUnusable(sentence))
        default: self.init(.brokerUnreachable("the sign-in can't be refreshed: \(error)"))
        }
    }

    /// The broker's errors, sorted by what the person at the machine can do.
    init(_ error: BrokerClientError) {
        switch error {
        case .approvalNeeded(let approval): self.init(.approvalPending(approval.message))
        case .signInRequired: self.init(.signInRequired)
        case .refused(let problem) where problem.code == BrokerErrorCode.policyNotFound.rawValue:
            self.init(.roleNotFound)
        case .refused(let problem)
        where [BrokerErrorCode.accessDenied.rawValue, BrokerErrorCode.requirementUnmet.rawValue].contains(problem.code):
            self.init(.accessDenied(problem.detail))
        case .refused(let problem): self.init(.requestRefused(problem.detail))
        case .unavailable(let reason, let retryAfter): self.init(.brokerUnreachable(reason), retryAfter: retryAfter)
        case .unreachable(let reason, let retryAfter):
            self.init(.brokerUnreachable(reason), retryAfter: retryAfter, isOutage: true)
        case .unusableAnswer(let reason): self.init(.brokerUnreachable("what answers is no broker: \(reason)"))
        }
    }
}

/// A role as the daemon offers it on this machine.
package struct OfferedRole: Sendable, Hashable {
    package let name: String
    /// The STS Broker policy it maps to.
    package let policy: String
    /// Wanted lifetime; the policy's longest if absent.
    package let durationSeconds: Int?

    package init(name: String, policy: String, durationSeconds: Int?) {
        self.name = name
        self.policy = policy
        self.durationSeconds = durationSeconds
    }
}
