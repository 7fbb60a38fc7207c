import Daemon
import Foundation
import Testing

@Suite struct SourceRuleTests {
    @Test(arguments: ["Sources", "Tests"])
    func `no file is longer than 500 lines`(folder: String) throws {
        for file in try Repository.swiftFiles(in: folder) {
            let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false).count
            #expect(lines <= 500, "\(file.path) has \(lines) lines")
        }
    }

    @Test(arguments: ["try! ", "as! ", "fatalError(", "Task {\n", "Date.now", "Task.sleep(nanoseconds"])
    func `sources don't use what is forbidden`(text: String) throws {
        for file in try Repository.swiftFiles(in: "Sources") where file.text.contains(text) {
            // A task that is kept, so that it can be awaited and cancelled, is not bare.
            let isKept = text == "Task {\n" && !file.text.contains("\n        Task {\n")
            #expect(isKept, "\(file.path) uses \(text)")
        }
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
}
