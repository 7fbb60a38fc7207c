import Foundation
import Subprocess

/// One of the package's executables, run to its end.
struct Executable: Sendable {
    let name: String

    struct Outcome: Sendable {
        /// `nil` if a signal ended it, as a crash does.
        let status: Int32?
        let output: String
        let problems: String
    }

    func run(_ arguments: [String], environment: [Environment.Key: String?] = [:]) async throws -> Outcome {
        let path = Self.folder.appending(path: name).path
        let result = try await Subprocess.run(
            .name("env"), arguments: Arguments([path] + arguments), environment: .inherit.updating(environment),
            input: .none, output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        guard case .exited(let status) = result.terminationStatus else {
            return Outcome(status: nil, output: result.standardOutput, problems: result.standardError)
        }
        return Outcome(status: status, output: result.standardOutput, problems: result.standardError)
    }

    /// Where SwiftPM puts the executables: beside the running test bundle.
    static var folder: URL {
        let link = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(filePath: link).deletingLastPathComponent()
    }
}

/// A folder of a test's own, gone afterwards.
enum TemporaryFolder {
    static func use<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "stsbroker-\(UInt32.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(folder)
    }
}
