import Testing

/// Real SDKs get credentials from the real daemon, which has them from the real broker.
@Suite(.timeLimit(.minutes(5))) struct SDKTests {
    private static let boto3 = """
        python -c 'import boto3; print(boto3.client("sts").get_caller_identity()["Arn"])'
        """

    /// On both faces of one daemon, so that the second finds credentials: SDKs give the instance metadata service one
    /// second and one attempt, which a first refresh on a busy machine may take.
    @Test func `boto3 and the AWS CLI are the sample user in the assumed role, on both faces`() async throws {
        try await RunningSandbox.running { sandbox in
            let expected = "arn:aws:sts::111122223333:assumed-role/stsbroker-developer/developer"
            for environment in ["env", "env.imds"] {
                let cli = try await sandbox.shell(environment, "aws sts get-caller-identity")
                let boto3 = try await sandbox.shell(environment, Self.boto3)
                #expect(cli.contains(expected))
                #expect(boto3.contains(expected))
            }
        }
    }
}
