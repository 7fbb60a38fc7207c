import AWSAPI
import Credentials

/// The key of a role that the broker assumes for something of its own.
struct AssumedRoleKey: AWSKeySource {
    /// The longest that every role allows, also by role chaining.
    private static let seconds = STSLimits.chainedDurationSeconds

    let role: RoleARN
    let purpose: SessionPurpose
    let roles: any RoleAssuming

    var name: String { role.description }

    func key() async throws(AWSError) -> OwnKey? {
        let input: AssumeRoleInput
        do {
            input = try AssumeRoleInput(
                roleARN: role, roleSessionName: "stsbroker-server", durationSeconds: Self.seconds)
        } catch {
            throw .misconfigured("\(role) can't be assumed: \(error)")
        }
        return OwnKey(try await roles.assumeRole(input, for: purpose))
    }
}
