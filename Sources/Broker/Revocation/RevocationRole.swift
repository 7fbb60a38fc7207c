import AWSAPI
import Credentials
import Synchronization

/// The inline policies of roles in any account, by the role of one name that the broker assumes in each of them.
final class RevocationRole: InlinePolicies {
    private let role: String
    private let policies: @Sendable (RoleARN) -> RolePolicies
    private let accounts = Mutex<[String: RolePolicies]>([:])

    /// - Parameters:
    ///   - role: its name, with its path.
    ///   - policies: by the key of that role.
    init(_ role: String, policies: @escaping @Sendable (RoleARN) -> RolePolicies) {
        self.role = role
        self.policies = policies
    }

    func names(of role: RoleARN) async throws(AWSError) -> [String] { try await iam(role).names(of: role) }

    func document(_ name: String, of role: RoleARN) async throws(AWSError) -> String? {
        try await iam(role).document(name, of: role)
    }

    func put(_ document: String, named name: String, to role: RoleARN) async throws(AWSError) {
        try await iam(role).put(document, named: name, to: role)
    }

    func remove(_ name: String, from role: RoleARN) async throws(AWSError) {
        try await iam(role).remove(name, from: role)
    }

    /// Kept for each account, so that its key is.
    private func iam(_ target: RoleARN) throws(AWSError) -> RolePolicies {
        let own: RoleARN
        do throws(InvalidRoleARN) {
            own = try RoleARN("arn:\(target.partition):iam::\(target.accountID):role/\(role)")
        } catch {
            throw .misconfigured("\(error)")
        }
        return accounts.withLock { accounts in
            if let known = accounts[own.description] { return known }
            let made = policies(own)
            accounts[own.description] = made
            return made
        }
    }
}
