package import AWSAPI
package import Credentials

/// The inline policies of roles: IAM, or a test's stand-in for it.
package protocol InlinePolicies: Sendable {
    func names(of role: RoleARN) async throws(AWSError) -> [String]
    func document(_ name: String, of role: RoleARN) async throws(AWSError) -> String?
    func put(_ document: String, named name: String, to role: RoleARN) async throws(AWSError)
    func remove(_ name: String, from role: RoleARN) async throws(AWSError)
}

extension RolePolicies: InlinePolicies {}
