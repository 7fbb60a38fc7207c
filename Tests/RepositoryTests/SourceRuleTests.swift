import AccessControl
import Broker
import Daemon
import Foundation
import PolicyFiles
import Testing

@Suite struct SourceRuleTests {
    @Test(arguments: ["Sources", "Tests"])
    func `no file is longer than 500 lines`(folder: String) throws {
        for file in try Repository.swiftFiles(in: folder) {
            let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false).count
            #expect(lines <= 500, "\(file.path) has \(lines) lines")
        }
    }

    @Test func `an executable is main only, 40 lines at most`() throws {
        for target in ImportArrowTests.rows.filter({ $0.value == 4 }).keys {
            let files = try Repository.swiftFiles(in: "Sources/\(target)")
            #expect(files.map(\.path) == ["Sources/\(target)/main.swift"])
            #expect(files.allSatisfy { $0.text.split(separator: "\n").count <= 40 })
        }
    }

    /// Each pattern, and the only files in which it may stand: the places that assemble a program.
    @Test(arguments: [
        (#"try!|as!|fatalError\(|precondition(Failure)?\("#, []),
        (#"[\w)\]]![^=\w]"#, []),
        // A task that is kept can be awaited and cancelled.
        (#"^\s*(_ = )?Task(\.detached)?( \{|\()"#, []),
        (#"Task\.sleep\("#, []),
        (
            #"\bDate\(\)|Date\.now"#,
            [
                "Sources/Broker/Server/BrokerServer.swift", "Sources/Daemon/Run/DaemonService.swift",
                "Sources/Sandbox/SandboxCommand.swift", "Sources/Commands/Policies/PolicyExplainCommand.swift",
            ]
        ),
        ("@unchecked Sendable", []),
        (#"^\s*public "#, []),
    ])
    func `sources don't use what is forbidden`(pattern: String, allowed: [String]) throws {
        let regex = try Regex(pattern)
        for file in try Repository.swiftFiles(in: "Sources") where !allowed.contains(file.path) {
            for (number, line) in file.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                let code = line.prefix(upTo: line.firstRange(of: "//")?.lowerBound ?? line.endIndex)
                    .replacing(/"[^"]*"/, with: "\"\"")
                #expect(code.firstMatch(of: regex) == nil, "\(file.path):\(number + 1)")
            }
        }
    }

    @Test func `daemon and broker have one version`() {
        #expect(BrokerVersion.text == Version.text)
    }

    @Test func `no folder has a name that says nothing`() throws {
        let forbidden: Set = ["Common", "Core", "Utils", "Helpers", "Managers", "Models", "Extensions"]
        for folder in ["Sources", "Tests"] {
            for file in try Repository.swiftFiles(in: folder) {
                #expect(forbidden.isDisjoint(with: file.path.split(separator: "/").map(String.init)), "\(file.path)")
            }
        }
    }

    @Test func `the example configuration of the daemon loads`() throws {
        let path = Repository.root.appending(path: "config/stsbrokerd.yaml").path
        let settings = try DaemonSettings.load(path: path, environment: [:], users: SystemUsers())
        #expect(settings.roles.map(\.name) == ["developer", "readonly"])
    }

    @Test func `the example configuration of the broker loads, with its policies and without a warning`() throws {
        let path = Repository.root.appending(path: "config/stsbroker-server.yaml").path
        let loaded = try LoadedConfiguration(path: path, environment: [:])
        #expect(loaded.catalog.warnings().isEmpty)
        #expect(loaded.catalog.catalog.policies.count == 3)
        #expect(loaded.databasePath == "/var/lib/stsbroker-server/broker.sqlite")
    }
}
