import Foundation
import Glibc
import Testing

@testable import Commands

@Suite struct ReplacedFileTests {
    private func inFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "replaced-\(UInt32.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    private func mode(_ url: URL) throws -> mode_t {
        var facts = stat()
        try #require(lstat(url.path, &facts) == 0)
        return facts.st_mode & 0o7777
    }

    private func add(_ text: String, to path: String, isSecret: Bool = false) throws {
        try ReplacedFile.change(path, isSecret: isSecret) { $0 + Array(text.utf8) }
    }

    @Test func `a new file and its folder are for their owner only`() throws {
        try inFolder { folder in
            let file = folder.appending(path: ".aws/config")
            try add("x", to: file.path)
            #expect(try mode(file) == 0o600)
            #expect(try mode(folder.appending(path: ".aws")) & 0o777 == 0o700)
            #expect(try String(contentsOf: file, encoding: .utf8) == "x")
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: ".aws").path) == ["config"])
        }
    }

    @Test(
        arguments: [(0o600, false, 0o600), (0o644, false, 0o644), (0o640, true, 0o600), (0o400, true, 0o600)]
            as [(mode_t, Bool, mode_t)])
    func `the mode is kept, but nobody else reads a secret`(before: mode_t, isSecret: Bool, after: mode_t) throws {
        try inFolder { folder in
            let file = folder.appending(path: "f")
            try Data("a".utf8).write(to: file)
            chmod(file.path, before)
            try add("b", to: file.path, isSecret: isSecret)
            #expect(try mode(file) == after)
            #expect(try String(contentsOf: file, encoding: .utf8) == "ab")
        }
    }

    @Test func `a link stays a link, and what it points to changes`() throws {
        try inFolder { folder in
            let (real, link) = (folder.appending(path: "real/file"), folder.appending(path: "link"))
            try FileManager.default.createDirectory(
                at: folder.appending(path: "real"), withIntermediateDirectories: false)
            try Data("a".utf8).write(to: real)
            try FileManager.default.createSymbolicLink(at: link, withDestinationURL: real)
            try add("b", to: link.path)
            #expect(try String(contentsOf: real, encoding: .utf8) == "ab")
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link.path) == real.path)
        }
    }

    @Test func `what is no file, or leads nowhere, is left alone`() throws {
        try inFolder { folder in
            let link = folder.appending(path: "link")
            try FileManager.default.createSymbolicLink(at: link, withDestinationURL: folder.appending(path: "nowhere"))
            #expect(throws: ProfileFileFault("is a link that leads nowhere")) { try add("x", to: link.path) }
            let (pipe, subfolder) = (folder.appending(path: "pipe").path, folder.appending(path: "folder"))
            try #require(mkfifo(pipe, 0o600) == 0)
            try FileManager.default.createDirectory(at: subfolder, withIntermediateDirectories: false)
            #expect(throws: ProfileFileFault("is no regular file")) { try add("x", to: pipe) }
            #expect(throws: ProfileFileFault("is no regular file")) { try add("x", to: subfolder.path) }
            let missing = folder.appending(path: "no/such/folder").path
            #expect(throws: ProfileFileFault("can't be written: No such file or directory")) {
                try add("x", to: missing)
            }
        }
    }

    @Test func `a change that fails changes nothing, and what a killed one left is in nobody's way`() throws {
        try inFolder { folder in
            let file = folder.appending(path: "f")
            try Data("a".utf8).write(to: file)
            try Data("half".utf8).write(to: folder.appending(path: ".f.stsbroker"))
            #expect(throws: ProfileFileFault("no")) {
                try ReplacedFile.change(file.path, isSecret: true) { _ throws(ProfileFileFault) in
                    throw ProfileFileFault("no")
                }
            }
            #expect(try String(contentsOf: file, encoding: .utf8) == "a")
            try add("b", to: file.path)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["f"])
        }
    }

    @Test func `many at once lose nothing`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "replaced-\(UInt32.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "f").path
        try await withThrowingTaskGroup { group in
            for _ in 0..<40 { group.addTask { try ReplacedFile.change(path, isSecret: false) { $0 + [0x78] } } }
            try await group.waitForAll()
        }
        #expect(try Data(contentsOf: URL(filePath: path)).count == 40)
    }
}
