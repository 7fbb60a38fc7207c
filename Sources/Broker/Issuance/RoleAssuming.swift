package import AWSAPI
package import Credentials

/// Turns a checked AssumeRole call into credentials: AWS STS, or a test's stand-in for it.
package protocol RoleAssuming: Sendable {
    /// - Parameter purpose: what for; trust policies can tell by it, where the broker issues tokens.
    func assumeRole(_ input: AssumeRoleInput, for purpose: SessionPurpose) async throws(AWSError) -> SessionCredentials

    /// Whether a call may have an external id.
    var takesExternalID: Bool { get }
}

extension RoleAssuming {
    package var takesExternalID: Bool { true }
}

/// What a session is for.
package enum SessionPurpose: Sendable, Equatable {
    /// Somebody's, under the STS Broker policy of that id.
    case policy(String)
    /// The broker's own, to publish notices.
    case notifications
    /// The broker's own, to deny in IAM what it has revoked.
    case revocation

    /// The `sub` of a token for it. AWS takes 6 to 255 characters; a policy's id has 1 to 128.
    package var subject: String {
        switch self {
        case .policy(let id): "policy:\(id)"
        case .notifications: "broker:notifications"
        case .revocation: "broker:revocation"
        }
    }
}

/// By calls that the broker's own key signs.
package struct SignedRoles: RoleAssuming {
    private let sts: STSClient
    private let keys: OwnKeys

    /// - Parameter sts: must sign with the current one of `keys`.
    package init(sts: STSClient, keys: OwnKeys) {
        self.sts = sts
        self.keys = keys
    }

    /// Once more with another key, if AWS has refused the one that is held and its source has another by now.
    package func assumeRole(
        _ input: AssumeRoleInput, for purpose: SessionPurpose
    ) async throws(AWSError) -> SessionCredentials {
        let key = try await keys.current()
        do throws(AWSError) {
            return try await sts.assumeRole(input)
        } catch .keysRefused(let code, let status, let message) {
            guard await keys.replace(key) else {
                throw .keysRefused(code: code, status: status, message: message)
            }
            return try await sts.assumeRole(input)
        }
    }
}
