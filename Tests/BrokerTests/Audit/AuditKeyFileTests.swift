import AccessControl
import Foundation
import StrictYAML
import Testing

@testable import Broker

@Suite struct AuditKeyFileTests {
    private func folder<Result>(_ body: (String) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "key-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder.path)
    }

    private func write(_ text: String, _ path: String, mode: Int = 0o600) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    @Test func `a key is made once, for its owner alone`() throws {
        try folder { folder in
            let path = "\(folder)/key"
            try write("left by a crash", "\(path).new")
            let key = try AuditKeyFile.readOrCreate(path)
            #expect(try AuditKeyFile.readOrCreate(path).publicKey.id == key.publicKey.id)
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["key"])
        }
    }

    @Test(arguments: ["", "AAAA", "not base64 at all but forty-four characters.", String(repeating: "A", count: 200)])
    func `what is no key is refused`(text: String) throws {
        try folder { folder in
            try write(text, "\(folder)/key")
            #expect(throws: InvalidYAML.self) { try AuditKeyFile.readOrCreate("\(folder)/key") }
        }
    }

    @Test func `a key that others may read, a link, and one that isn't there are refused`() throws {
        try folder { folder in
            let path = "\(folder)/key"
            _ = try AuditKeyFile.readOrCreate(path)
            for mode in [0o640, 0o604, 0o660] {
                try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
                #expect(throws: InvalidYAML.self) { try AuditKeyFile.read(path) }
            }
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            try FileManager.default.createSymbolicLink(atPath: "\(folder)/link", withDestinationPath: path)
            let error = #expect(throws: InvalidYAML.self) { try AuditKeyFile.readOrCreate("\(folder)/link") }
            #expect(error?.message.contains("symbolic link") == true)
            #expect(throws: InvalidYAML.self) { try AuditKeyFile.read("\(folder)/absent") }
            #expect(throws: InvalidYAML.self) { try AuditKeyFile.readOrCreate("\(folder)/absent/key") }
        }
    }
}
