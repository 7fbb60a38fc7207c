import AWSAPI
import Credentials

/// Assumes roles by tokens that the broker issues, one for each call.
struct WebIdentityRoles: RoleAssuming {
    let issuer: WebIdentityIssuer
    /// Needs no key.
    let sts: STSClient

    /// AssumeRoleWithWebIdentity has no such parameter.
    var takesExternalID: Bool { false }

    func assumeRole(
        _ input: AssumeRoleInput, for purpose: SessionPurpose
    ) async throws(AWSError) -> SessionCredentials {
        try await sts.assumeRole(input, withWebIdentity: try issuer.token(for: input, subject: purpose.subject))
    }
}
