import Foundation
import Subprocess
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct BrokerLifeTests {
    @Test func `a second broker on the same database is refused, and the first goes on`() async throws {
        try await RunningSandbox.running { sandbox in
            let outcome = try await Executable(name: "stsbroker-server").run(
                ["--config", sandbox.stateDirectory.appending(path: "stsbroker-server.yaml").path],
                environment: ["AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"])
            #expect(outcome.status == 1)
            #expect(outcome.problems.contains("another stsbroker-server uses \(sandbox.stateDirectory.path)"))
            let policies = try await sandbox.shell("env", "stsbroker policies")
            #expect(policies.contains("readonly"))
        }
    }

    @Test func `policies are read anew at SIGHUP, and what can't be used changes nothing`() async throws {
        let script = try PythonEnvironment.script("policy_reload.py", of: #filePath)
        try await RunningSandbox.running { sandbox in
            _ = try await sandbox.shell("env", "python -B '\(script)'")
        }
    }

    @Test
    func
        `a service manager is told what the broker does, SIGHUP at its start does not end it, and its files are its own`()
        async throws
    {
        let script = try PythonEnvironment.script("broker_manager.py", of: #filePath)
        try await RunningSandbox.running { sandbox in
            _ = try await sandbox.shell("env", "python -B '\(script)'")
        }
    }

    @Test
    func `policies are handed to the API, changed there by two at once, imported, and not handed back by accident`()
        async throws
    {
        let script = try PythonEnvironment.script("governed_policies.py", of: #filePath)
        try await RunningSandbox.running { sandbox in
            _ = try await sandbox.shell("env", "python -B '\(script)'")
        }
    }

    @Test func `the sandbox's children don't take settings from the sandbox's environment`() async throws {
        let settings = [
            "STSBROKER_SERVER_DATABASE=/nowhere/broker.sqlite", "STSBROKERD_BROKER_URL=http://127.0.0.1:9",
        ]
        try await RunningSandbox.running(settings: settings) { sandbox in
            let policies = try await sandbox.shell("env", "stsbroker policies")
            #expect(policies.contains("readonly"))
            let identity = try await sandbox.shell("env", "aws sts get-caller-identity")
            #expect(identity.contains("developer"))
        }
    }
}
