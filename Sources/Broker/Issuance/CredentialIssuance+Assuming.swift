import AWSAPI
import AccessControl
import Credentials
import Logging

extension CredentialIssuance {
    /// What STS gave under a grant.
    struct Minted {
        let credentials: SessionCredentials
        /// Present if the role allowed less than what was asked of STS.
        let shortened: Shortened?
    }

    /// One session of the policy's role. Where the policy doesn't say how long sessions the role allows, and STS finds
    /// the call invalid, it is asked once more, for an hour: if that is good, the length was what it didn't take.
    func session(
        by call: AssumeRoleInput, under grant: Grant, policy: AccessPolicy
    ) async throws(AWSError) -> Minted {
        let purpose = SessionPurpose.policy(grant.policyID)
        do throws(AWSError) {
            return Minted(credentials: try await roles.assumeRole(call, for: purpose), shortened: nil)
        } catch .refused(let code, let status, let message) {
            guard code == "ValidationError", policy.roleMaximumSession == nil, let shorter = call.withinEveryRole else {
                throw .refused(code: code, status: status, message: message)
            }
            let credentials = try await roles.assumeRole(shorter, for: purpose)
            logger.warning(
                "role allows no such long session; say with role_max_session what it allows",
                metadata: [
                    "request": "\(grant.requestID)", "policy": "\(policy.id)", "role": "\(call.roleARN)",
                    "asked_seconds": "\(call.durationSeconds)", "issued_seconds": "\(shorter.durationSeconds)",
                ])
            return Minted(credentials: credentials, shortened: Shortened(call, to: shorter))
        }
    }
}

extension CredentialIssuance.Shortened {
    fileprivate init(_ call: AssumeRoleInput, to shorter: AssumeRoleInput) {
        self.init(
            askedSeconds: call.durationSeconds, grantedSeconds: shorter.durationSeconds,
            reason: "\(call.durationSeconds) s is over the role's MaxSessionDuration, which the policy doesn't state; "
                + "every role allows \(shorter.durationSeconds) s")
    }

    /// Both cuts as one, of which this is the second.
    func after(_ first: Self?) -> Self {
        Self(askedSeconds: first?.askedSeconds ?? askedSeconds, grantedSeconds: grantedSeconds, reason: reason)
    }
}
