import AWSAPI
import Credentials
import Testing

@Suite struct AWSAccessKeyTests {
    @Test("reads a temporary key from the environment")
    func readsTemporaryKey() throws {
        let key = try AWSAccessKey.fromEnvironment([
            "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token",
        ])
        #expect(key.accessKeyID == "ASIAEXAMPLE")
        #expect(key.secretAccessKey == Secret("secret"))
        #expect(key.sessionToken == Secret("token"))
    }

    @Test("takes an empty session token for none")
    func emptyToken() throws {
        let key = try AWSAccessKey.fromEnvironment([
            "AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "",
        ])
        #expect(key.sessionToken == nil)
    }

    @Test(
        "names the variable that is missing or broken, and not its value",
        arguments: [
            ([:], "AWS_ACCESS_KEY_ID"),
            (["AWS_ACCESS_KEY_ID": "AKIA"], "AWS_SECRET_ACCESS_KEY"),
            (["AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s3cr3t\n"], "AWS_SECRET_ACCESS_KEY"),
            (
                ["AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "s3cr3t\r\nX: y"],
                "AWS_SESSION_TOKEN"
            ),
        ] as [([String: String], String)])
    func namesVariable(environment: [String: String], variable: String) {
        #expect {
            try AWSAccessKey.fromEnvironment(environment)
        } throws: { error in
            guard case .misconfigured(let reason)? = error as? AWSError else { return false }
            return reason.contains(variable) && !reason.contains("s3cr3t")
        }
    }
}
