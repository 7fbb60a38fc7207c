import Foundation
import PolicyFiles

extension PolicyCases {
    /// What becomes of a file with these keys, which need not name `policies`, beside a file with those policies.
    static func results(of keys: String, policies: String) throws -> [PolicyCaseResult] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "cases-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(policies.utf8).write(to: folder.appending(path: "policies.yaml"))
        let file = folder.appending(path: "cases.yaml")
        try Data(("policies: policies.yaml\n" + keys).utf8).write(to: file)
        return try run(path: file.path())
    }
}
