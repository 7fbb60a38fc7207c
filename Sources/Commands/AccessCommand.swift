import ArgumentParser
import BrokerAPI
import Credentials
import DaemonAPI

struct AccessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "access",
        abstract: "Write a role's credentials into a profile of the AWS credentials file.",
        discussion: """
            For tools that know nothing else: they end at the time that is printed, and the tool won't get newer ones. Everything \
            else in the file stays as it is. stsbroker setup aws-config makes profiles that renew themselves.
            """)

    @OptionGroup var options: BrokerOptions

    @Option(help: "The profile. Letters, digits and signs, without blanks, brackets, quotes and backslashes.")
    var profile: ProfileName

    @Argument(help: "The role, as stsbroker status lists it; by default your default role.")
    var role: String?

    @Flag(help: "Also open the AWS console in a browser, or print the link to it.")
    var console = false

    func run() async throws {
        try await Session.run(options.daemon) { session in
            let role = try await session.daemon.status().role(named: role)
            let credentials = try await RoleCredentials.fetch(role, from: session.daemon)
            let path = AWSFile.credentials.path()
            do throws(ProfileFileFault) {
                try Self.write(credentials, to: profile, of: path)
            } catch {
                throw FileFailure(path: path, what: error.what)
            }
            let answer = AccessAnswer(
                file: path, profile: profile.text, role: role.name, expiration: credentials.expiration)
            print(
                options.json
                    ? try JSONText.of(answer)
                    : "Profile \(profile.text) of \(path) has \(role.name) until \(credentials.expiration).")
            if console { try await openConsole(role) }
        }
    }

    static func write(
        _ credentials: RoleCredentials, to profile: ProfileName, of path: String
    ) throws(ProfileFileFault) {
        try ReplacedFile.change(path, isSecret: true) { bytes throws(ProfileFileFault) in
            var file = ProfileFile(bytes)
            try file.set(
                [
                    ("aws_access_key_id", credentials.accessKeyID),
                    ("aws_secret_access_key", credentials.secretAccessKey.revealed()),
                    ("aws_session_token", credentials.sessionToken.revealed()),
                ], in: AWSFile.credentials.header(of: profile.text))
            return file.bytes
        }
    }

    private func openConsole(_ role: RoleStatus) async throws {
        try await options.run { broker in
            let call = ConsoleLinkCall(policy: role.policy, durationSeconds: nil, reason: nil, destination: nil)
            let link = try await broker.client.consoleLink(call, idToken: broker.idToken).signInURL
            if await !Browser.openSecret(link) { print(link) }
        }
    }
}

/// What `access --json` prints.
struct AccessAnswer: Encodable {
    let file: String
    let profile: String
    let role: String
    let expiration: String
}

/// A file that could not be changed, and is as it was.
struct FileFailure: Error, Equatable {
    let path: String
    /// Completes the sentence that ``path`` begins.
    let what: String
}
