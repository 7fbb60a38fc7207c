/// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, with a temporary key, `AWS_SESSION_TOKEN`.
package struct EnvironmentKeySource: AWSKeySource {
    package let name = "environment"
    private let environment: [String: String]

    package init(_ environment: [String: String]) {
        self.environment = environment
    }

    package func key() async throws(AWSError) -> OwnKey? {
        let names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
        guard names.contains(where: { environment[$0]?.isEmpty == false }) else { return nil }
        return OwnKey(try AWSAccessKey.fromEnvironment(environment))
    }
}
