import Foundation
import TestSupport
import Testing

/// What the programs say when they are given what they can't use.
@Suite(.timeLimit(.minutes(5))) struct BadInputTests {
    private static let daemon = Executable(name: "stsbrokerd")
    private static let server = Executable(name: "stsbroker-server")
    private static let cli = Executable(name: "stsbroker")
    private static let sandbox = Executable(name: "stsbroker-sandbox")

    /// One change to an example file, and what the message must have.
    struct Change: Sendable, CustomTestStringConvertible {
        let program: Executable
        let example: String
        let from: String
        let to: String
        let says: [String]

        var testDescription: String { "\(program.name): \(to.debugDescription)" }
    }

    private static let changes = [
        Change(program: daemon, example: "stsbrokerd.yaml", from: "broker:", to: "brokr:", says: [":6:1", "brokr"]),
        Change(
            program: daemon, example: "stsbrokerd.yaml", from: "idle_after: 12h", to: "idle_after: often",
            says: ["idle_after"]),
        Change(program: daemon, example: "stsbrokerd.yaml", from: "face: imds", to: "face: ftp", says: ["face"]),
        Change(
            program: daemon, example: "stsbrokerd.yaml", from: "\n  - {user: root",
            to: "\n  - {user: nobody-of-this-name",
            says: ["callers[0].user"]),
        Change(
            program: daemon, example: "stsbrokerd.yaml", from: "https://broker", to: "http://broker",
            says: ["broker.url", "https"]),
        Change(
            program: daemon, example: "stsbrokerd.yaml", from: "broker:", to: "\u{1}broker: [",
            says: ["stsbrokerd.yaml:"]),
        Change(program: server, example: "stsbroker-server.yaml", from: "database:", to: "databse:", says: ["databse"]),
        Change(
            program: server, example: "stsbroker-server.yaml", from: "algorithms: [RS256]", to: "algorithms: [none]",
            says: ["issuers[0]", "none"]),
        Change(
            program: server, example: "stsbroker-server.yaml", from: "address: 127.0.0.1:8080",
            to: "address: somewhere", says: ["address"]),
        Change(
            program: server, example: "policies.yaml", from: "risk: 80", to: "risk: 101",
            says: ["policies.yaml:", "risk"]),
        Change(
            program: server, example: "policies.yaml", from: "risk: 80", to: "risk: 80\n    rsik: 8",
            says: ["policies.yaml:", "rsik"]),
    ]

    @Test(arguments: changes)
    func `a bad configuration is refused with file, place and key`(change: Change) async throws {
        try await TemporaryFolder.use { folder in
            for name in ["stsbrokerd.yaml", "stsbroker-server.yaml", "policies.yaml"] {
                var text = try Self.example(name)
                if name == change.example {
                    #expect(text.contains(change.from))
                    text = text.replacing(change.from, with: change.to, maxReplacements: 1)
                }
                try Data(text.utf8).write(to: folder.appending(path: name))
            }
            let path = folder.appending(path: "\(change.program.name).yaml").path
            for arguments in [["--config", path, "--check-config"], ["--config", path]] {
                let outcome = try await change.program.run(arguments)
                #expect(outcome.status == 1, "\(outcome)")
                #expect(outcome.problems.contains(folder.appending(path: change.example).path), "\(outcome.problems)")
                for text in change.says { #expect(outcome.problems.contains(text), "\(outcome.problems)") }
                #expect(outcome.problems.split(separator: "\n").count == 1, "\(outcome.problems)")
            }
        }
    }

    @Test(arguments: [daemon, server])
    func `a file that is missing, a folder or garbage is refused`(program: Executable) async throws {
        try await TemporaryFolder.use { folder in
            let garbage = folder.appending(path: "garbage.yaml")
            try Data((0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 37) }).write(to: garbage)
            for path in ["/nowhere/at/all.yaml", folder.path, garbage.path] {
                let outcome = try await program.run(["--check-config", "--config", path])
                #expect(outcome.status == 1, "\(outcome)")
                #expect(outcome.problems.contains(path), "\(outcome.problems)")
            }
        }
    }

    @Test(arguments: [daemon, server])
    func `the example configuration passes the check`(program: Executable) async throws {
        let path = PythonEnvironment.root.appending(path: "config/\(program.name).yaml").path
        let outcome = try await program.run(["--check-config", "--config", path])
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("OK"))
        #expect(outcome.problems.isEmpty)
    }

    private static let wrongArguments: [(Executable, [String], Int32)] = [
        (daemon, ["--nonsense"], 64), (server, [], 64), (sandbox, ["--lifetime", "soon"], 64),
        (sandbox, ["--state-dir", "/dev/null"], 1), (cli, ["nonsense"], 2), (cli, ["login", "--port", "x"], 2),
        (cli, ["status", "--socket", "/nowhere/control.sock"], 6), (cli, ["status", "--socket", "/dev/null"], 6),
    ]

    @Test(arguments: wrongArguments)
    func `wrong arguments end with the documented status and a message`(
        program: Executable, arguments: [String], status: Int32
    ) async throws {
        let outcome = try await program.run(arguments)
        #expect(outcome.status == status, "\(outcome)")
        #expect(outcome.output.isEmpty)
        #expect(!outcome.problems.isEmpty)
    }

    @Test func `a port that is taken is named, with its listener`() async throws {
        try await RunningSandbox.running { sandbox in
            let url = try #require(sandbox.addresses["imds_url"])
            let address = url.dropFirst("http://".count).dropLast()
            try await TemporaryFolder.use { folder in
                let path = folder.appending(path: "stsbrokerd.yaml")
                let text = try Self.example("stsbrokerd.yaml").replacing("127.0.0.1:9911", with: address)
                    .replacing("127.0.0.1:9912", with: "127.0.0.1:0")
                    .replacing("/run/stsbrokerd/", with: "\(folder.path)/")
                try Data(text.utf8).write(to: path)
                let outcome = try await Self.daemon.run(["--config", path.path])
                #expect(outcome.status == 1)
                let port = try #require(address.split(separator: ":").last)
                #expect(outcome.problems.contains("listener imds: 127.0.0.1 port \(port) is in use"), "\(outcome)")
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["stsbrokerd.yaml"])
            }
        }
    }

    private static func example(_ name: String) throws -> String {
        try String(contentsOf: PythonEnvironment.root.appending(path: "config/\(name)"), encoding: .utf8)
    }
}
