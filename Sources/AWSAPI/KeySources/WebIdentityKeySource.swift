package import Credentials

/// A role that a token file stands for, as EKS and CI services set it up: `AWS_WEB_IDENTITY_TOKEN_FILE`, `AWS_ROLE_ARN` and, if
/// it is set, `AWS_ROLE_SESSION_NAME`. The file is read anew each time, because its token is replaced now and then.
package struct WebIdentityKeySource: AWSKeySource {
    package let name = "web_identity_token"
    /// AssumeRoleWithWebIdentity takes no longer token.
    private static let longestToken = 20_000

    private let environment: [String: String]
    private let sts: STSClient

    /// - Parameter sts: needs no key.
    package init(_ environment: [String: String], sts: STSClient) {
        self.environment = environment
        self.sts = sts
    }

    package func key() async throws(AWSError) -> OwnKey? {
        guard let path = value("AWS_WEB_IDENTITY_TOKEN_FILE") else { return nil }
        guard let role = value("AWS_ROLE_ARN") else {
            throw .misconfigured("AWS_WEB_IDENTITY_TOKEN_FILE is set, and AWS_ROLE_ARN is not")
        }
        let input: AssumeRoleInput
        do {
            input = try AssumeRoleInput(
                roleARN: try RoleARN(role), roleSessionName: value("AWS_ROLE_SESSION_NAME") ?? "stsbroker-server",
                durationSeconds: 3600)
        } catch {
            throw .misconfigured("AWS_ROLE_ARN or AWS_ROLE_SESSION_NAME is unusable: \(error)")
        }
        let bytes = BoundedFile.contents(path, longest: Self.longestToken)
        guard let token = bytes?.filter({ $0 > 0x20 }), !token.isEmpty else {
            throw .keysUnavailable("the file that AWS_WEB_IDENTITY_TOKEN_FILE names can't be read")
        }
        return OwnKey(try await sts.assumeRole(input, withWebIdentity: Secret(token)))
    }

    private func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
}

extension OwnKey {
    /// Of a role that was assumed for the broker's own use.
    package init(_ session: SessionCredentials) {
        self.init(
            AWSAccessKey(
                accessKeyID: session.accessKeyID, secretAccessKey: session.secretAccessKey,
                sessionToken: session.sessionToken), expiration: session.expiration, belongsToRole: true)
    }
}
