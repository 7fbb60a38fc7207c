package import Credentials

/// What signs a request to AWS: a long-lived key of an IAM user, or temporary credentials with their session token.
package struct AWSAccessKey: Sendable {
    /// Public identifier, `AKIA…` or `ASIA…`; fit for logs.
    package let accessKeyID: String
    package let secretAccessKey: Secret
    /// Present exactly for temporary credentials.
    package let sessionToken: Secret?

    package init(accessKeyID: String, secretAccessKey: Secret, sessionToken: Secret?) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
    }

    /// The key in `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, when set, `AWS_SESSION_TOKEN` (AWS SDKs and Tools
    /// Reference Guide, "Environment variables"). Fails with ``AWSError/misconfigured(_:)``, which names the variable.
    package static func fromEnvironment(_ environment: [String: String]) throws(AWSError) -> AWSAccessKey {
        let accessKeyID = try value(of: "AWS_ACCESS_KEY_ID", in: environment)
        let secretAccessKey = try value(of: "AWS_SECRET_ACCESS_KEY", in: environment)
        let hasToken = environment["AWS_SESSION_TOKEN"].map { !$0.isEmpty } ?? false
        return AWSAccessKey(
            accessKeyID: accessKeyID,
            secretAccessKey: Secret(secretAccessKey),
            sessionToken: hasToken ? Secret(try value(of: "AWS_SESSION_TOKEN", in: environment)) : nil)
    }

    /// Refuses what would break the `Authorization` header, above all a line end copied along with the key.
    private static func value(of name: String, in environment: [String: String]) throws(AWSError) -> String {
        guard let value = environment[name], !value.isEmpty else {
            throw .misconfigured("the environment variable \(name) is not set; set it to the broker's own AWS key")
        }
        guard isKeyText(value) else {
            throw .misconfigured("the environment variable \(name) has a blank, a line end or a non-ASCII character")
        }
        return value
    }

    /// Whether it can be a part of a key: printable ASCII without blanks, as it goes into a header.
    static func isKeyText(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
