package import AWSAPI
package import Credentials

/// Turns a checked AssumeRole call into credentials: AWS STS, or a test's stand-in for it.
package protocol RoleAssuming: Sendable {
    func assumeRole(_ input: AssumeRoleInput) async throws(STSError) -> SessionCredentials
}

extension STSClient: RoleAssuming {}
