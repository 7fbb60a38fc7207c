import TestSupport
import Testing

/// `stsbroker login` with the sandbox's identity provider, and what follows from it.
@Suite(.timeLimit(.minutes(5))) struct SignInTests {
    @Test(arguments: ["browser", "device"])
    func `signing in as another user gives that user's policies and identity`(flow: String) async throws {
        let script = try PythonEnvironment.script("sign_in.py", of: #filePath)
        try await RunningSandbox.running { sandbox in
            let before = try await sandbox.shell("env", "stsbroker status")
            #expect(before.hasPrefix("Signed in as developer@example.com at http://127.0.0.1:"))
            #expect(before.contains("\ndeveloper (default)  "))
            let signIn = try await sandbox.shell("env", "python '\(script)' \(flow) operator")
            #expect(signIn == "Signed in as operator@example.com.\n")
            #expect(try await sandbox.shell("env", "stsbroker status").hasPrefix("Signed in as operator@example.com"))
            let policies = try await sandbox.shell("env", "stsbroker policies")
            #expect(policies.contains("\nreadonly  "))
            #expect(!policies.contains("\ndeveloper  "))
            let role = #"AWS_CONTAINER_CREDENTIALS_FULL_URI="${AWS_CONTAINER_CREDENTIALS_FULL_URI%/*}/readonly""#
            let identity = try await sandbox.shell(
                "env", "\(role) aws sts get-caller-identity --query Arn --output text")
            #expect(identity == "arn:aws:sts::111122223333:assumed-role/stsbroker-readonly/operator\n")
        }
    }

    @Test func `a refused sign-in changes nothing and exits with 5`() async throws {
        let script = try PythonEnvironment.script("sign_in.py", of: #filePath)
        try await RunningSandbox.running { sandbox in
            for flow in ["browser", "device"] {
                let status = try await sandbox.shell("env", "python '\(script)' \(flow) '' 2>/dev/null; echo $?")
                #expect(status == "5\n")
            }
            #expect(try await sandbox.shell("env", "stsbroker status").hasPrefix("Signed in as developer@example.com"))
        }
    }
}
