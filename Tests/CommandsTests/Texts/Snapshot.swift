import Foundation
import Testing

/// What people see, beside files in `Snapshots/`. After a change that is meant, renew them with
/// `STSBROKER_RENEW_SNAPSHOTS=1 swift test --filter CommandsTests` and read their diff.
enum Snapshot {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Snapshots")
    private static let isRenewing = ProcessInfo.processInfo.environment["STSBROKER_RENEW_SNAPSHOTS"] == "1"

    static func compare(_ text: String, with name: String) throws {
        let file = folder.appending(path: name)
        if isRenewing {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("\(text)\n".utf8).write(to: file)
        }
        let expected = try String(contentsOf: file, encoding: .utf8)
        #expect("\(text)\n" == expected, "\(name) differs")
    }
}
