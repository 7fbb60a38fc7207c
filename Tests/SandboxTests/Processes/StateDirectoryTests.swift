import Foundation
import TestSupport
import Testing

@testable import Sandbox

@Suite("The state directory", .timeLimit(.minutes(1)))
struct StateDirectoryTests {
    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
    }

    @Test("It and its files are the owner's alone")
    func modes() async throws {
        try await TemporaryDirectory.use { directory in
            let path = directory + "/state"
            let state = try StateDirectory(path)
            #expect(try mode(path) == 0o700)
            try state.write("old", to: "file")
            try state.write("secret", to: "file")
            #expect(try mode(state.file("file")) == 0o600)
            #expect(try String(contentsOfFile: state.file("file"), encoding: .utf8) == "secret")
        }
    }

    @Test("Only one sandbox at a time holds it")
    func locking() async throws {
        try await TemporaryDirectory.use { directory in
            var first: StateDirectory? = try StateDirectory(directory)
            #expect(throws: SandboxError.alreadyRunning(stateDirectory: directory)) { try StateDirectory(directory) }
            #expect(first?.path == directory)
            first = nil
            // Other tests start programs: between fork and exec those hold the lock too.
            try await awaited("the lock is free") { (try? StateDirectory(directory)) != nil }
        }
    }

    @Test("What an earlier run left is cleared away")
    func leftovers() async throws {
        try await TemporaryDirectory.use { directory in
            try FileManager.default.createDirectory(atPath: directory + "/tokens", withIntermediateDirectories: false)
            for name in ["lock", "sandbox.json", "env", "broker.sock", "broker.sqlite-wal", "tokens/1000"] {
                try Data().write(to: URL(filePath: directory + "/" + name))
            }
            let state = try StateDirectory(directory)
            #expect(try FileManager.default.contentsOfDirectory(atPath: state.path) == ["lock"])
        }
    }

    @Test("A directory with other people's files is refused, and nothing in it is touched")
    func foreign() async throws {
        try await TemporaryDirectory.use { directory in
            try FileManager.default.createDirectory(atPath: directory + "/tokens", withIntermediateDirectories: false)
            chmod(directory, 0o750)
            #expect(throws: SandboxError.self) { try StateDirectory(directory) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["tokens"])
            #expect(try mode(directory) == 0o750)
        }
    }

    @Test("Paths that can't work are refused with the option that helps")
    func refusals() async throws {
        try await TemporaryDirectory.use { directory in
            try Data().write(to: URL(filePath: directory + "/file"))
            try FileManager.default.createSymbolicLink(
                atPath: directory + "/link", withDestinationPath: directory)
            let long = directory + "/" + String(repeating: "x", count: 90)
            for path in [directory + "/file", directory + "/link", directory + "/no/such", long, ""] {
                let error = #expect(throws: SandboxError.self) { try StateDirectory(path) }
                #expect(error?.description.contains("--state-dir") == true, "\(path)")
            }
            let exact = directory + "/" + String(repeating: "x", count: 107 - directory.utf8.count - 17)
            _ = try StateDirectory(exact)
        }
    }
}
