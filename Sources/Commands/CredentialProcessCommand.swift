import ArgumentParser
import Credentials
import DaemonAPI

struct CredentialProcessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "credential-process",
        abstract: "Print a role's credentials as AWS's credential_process has it.",
        discussion: """
            For ~/.aws/config, which stsbroker setup aws-config writes. What it prints is secret: let a program read it. The daemon's \
            rules see it as the program stsbroker of your user.
            """)

    @OptionGroup var daemon: DaemonOptions

    @Argument(help: "The role, as stsbroker status lists it; by default your default role.")
    var role: String?

    @Flag(help: "Tell what fails as JSON, too.")
    var json = false

    func run() async throws {
        try await Session.run(daemon) { session in
            let role = try await session.daemon.status().role(named: role)
            let credentials = try await RoleCredentials.fetch(role, from: session.daemon)
            print(try JSONText.of(CredentialProcessAnswer(credentials)))
        }
    }
}

/// AWS SDKs and Tools Reference Guide, "Process credential provider".
struct CredentialProcessAnswer: Encodable {
    let version = 1
    let accessKeyID: String
    let secretAccessKey: String
    let sessionToken: String
    let expiration: String
    let accountID: String?

    init(_ credentials: RoleCredentials) {
        accessKeyID = credentials.accessKeyID
        secretAccessKey = credentials.secretAccessKey.revealed()
        sessionToken = credentials.sessionToken.revealed()
        expiration = credentials.expiration
        accountID = credentials.accountID
    }

    enum CodingKeys: String, CodingKey {
        case version = "Version"
        case accessKeyID = "AccessKeyId"
        case secretAccessKey = "SecretAccessKey"
        case sessionToken = "SessionToken"
        case expiration = "Expiration"
        case accountID = "AccountId"
    }
}
