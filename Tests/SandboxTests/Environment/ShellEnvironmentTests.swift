import Foundation
import Testing

@testable import Sandbox

@Suite("The files to source, read by a real shell", .timeLimit(.minutes(5)))
struct ShellEnvironmentTests {
    private let addresses: SandboxAddresses = {
        var addresses = SandboxAddresses(
            pid: 1, stateDirectory: "/s", controlURL: "http://127.0.0.1:1", idpURL: "http://127.0.0.1:2",
            stsURL: "http://127.0.0.1:3", brokerURL: "http://127.0.0.1:4", region: "us-east-1",
            accountID: "111122223333", accessKeyID: "AKIA", secretAccessKey: "secret")
        addresses.imdsURL = "http://127.0.0.1:5/"
        addresses.containerURL = "http://127.0.0.1:6/role/developer"
        addresses.tokenFile = "/tmp/it's \"odd\" $HOME `x` \\ é/token"
        addresses.daemonSocket = "/s/control.sock"
        return addresses
    }()

    private func sourced(_ environment: ShellEnvironment, _ command: String, _ shell: [String: String] = [:])
        async throws -> String
    {
        try await TemporaryDirectory.use { directory in
            let file = directory + "/env"
            try Data(environment.script.utf8).write(to: URL(filePath: file))
            let settings = shell.map { "\($0.key)=\(ShellQuoting.quoted($0.value)); export \($0.key)" }
            let script = ["set -eu", "unset NO_PROXY no_proxy"] + settings + [". \(file)", ". \(file)", command]
            let outcome = try await Program.run("sh", ["-c", script.joined(separator: "\n")])
            #expect(outcome.isSuccess, "\(outcome.problems)")
            return outcome.output
        }
    }

    @Test(
        "Every text survives quoting",
        arguments: ["", "a b", "it's", "''", "$HOME `id` \\ \" é\n\t* ~", "-n", "'", "a'b'c"])
    func quoting(text: String) async throws {
        let outcome = try await Program.run("sh", ["-c", "printf %s \(ShellQuoting.quoted(text))"])
        #expect(outcome.output == text)
    }

    @Test("The values arrive as they are, exported, and what outranks them is gone")
    func values() async throws {
        let hostile = [
            "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_SESSION_TOKEN": "x", "AWS_PROFILE": "x",
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "x", "AWS_EC2_METADATA_DISABLED": "true", "AWS_ROLE_ARN": "x",
            "AWS_WEB_IDENTITY_TOKEN_FILE": "x", "AWS_DEFAULT_PROFILE": "x", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "x",
        ]
        let output = try await sourced(.containers(addresses), "env", hostile)
        for name in hostile.keys { #expect(!output.contains("\n\(name)=")) }
        let lines = Set(output.split(separator: "\n").map(String.init))
        #expect(lines.contains("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=\(addresses.tokenFile ?? "")"))
        #expect(lines.contains("AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:6/role/developer"))
        #expect(lines.contains("AWS_ENDPOINT_URL_STS=http://127.0.0.1:3"))
        #expect(lines.contains("AWS_REGION=us-east-1") && lines.contains("AWS_DEFAULT_REGION=us-east-1"))
        #expect(lines.contains("AWS_CONFIG_FILE=/dev/null") && lines.contains("AWS_SHARED_CREDENTIALS_FILE=/dev/null"))
        #expect(lines.contains("STSBROKER_URL=http://127.0.0.1:4"))
        #expect(lines.contains("STSBROKER_SOCKET=/s/control.sock"))
        #expect(lines.contains("STSBROKER_SANDBOX_URL=http://127.0.0.1:1"))
    }

    @Test("The IMDS file points at the metadata service and takes the container variables away")
    func instanceMetadata() async throws {
        let shell = [
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:6", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "x",
        ]
        let output = try await sourced(.instanceMetadata(addresses), "env", shell)
        #expect(output.contains("AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:5/\n"))
        #expect(!output.contains("AWS_CONTAINER"))
    }

    @Test(
        "NO_PROXY is added to, once, and keeps what the shell had",
        arguments: [
            (nil, "127.0.0.1,localhost"), ("", "127.0.0.1,localhost"),
            ("corp.example", "corp.example,127.0.0.1,localhost"),
            ("127.0.0.1,corp.example", "127.0.0.1,corp.example"),
        ] as [(String?, String)])
    func proxies(before: String?, after: String) async throws {
        let shell = before.map { ["NO_PROXY": $0, "no_proxy": $0] } ?? [:]
        let output = try await sourced(.containers(addresses), #"printf '%s|%s' "$NO_PROXY" "$no_proxy""#, shell)
        #expect(output == "\(after)|\(after)")
    }
}
