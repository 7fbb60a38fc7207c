import Credentials
import Foundation
import Glibc
import MetadataServer
import Testing

@testable import Daemon

@Suite("Token files")
struct TokenFilesTests {
    static let isRoot = geteuid() == 0

    private func facts(_ path: String) throws -> stat {
        var facts = stat()
        try #require(lstat(path, &facts) == 0, "\(path) is missing")
        return facts
    }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test("Each user gets a file for themselves, with the token and no newline")
    func writes() throws {
        try TemporaryFolder.with { folder throws in
            let tokens = ContainerTokens()
            let files = TokenFiles(directory: folder.file("tokens"), tokens: tokens)
            let user = geteuid()
            try files.write(forUsers: [user, user])
            let path = files.path(forUser: user)
            #expect(path == folder.file("tokens/\(user)"))
            #expect(try text(path) == tokens.token(forUser: user).revealed())
            #expect(try text(path).utf8.count == 43)
            #expect(try facts(path).st_mode & 0o7777 == 0o600)
            #expect(try facts(folder.file("tokens")).st_mode & 0o7777 == 0o711)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("tokens")) == ["\(user)"])
            files.remove(forUsers: [user])
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("tokens")).isEmpty)
        }
    }

    @Test("A second start replaces the tokens of the first")
    func rewrites() throws {
        try TemporaryFolder.with { folder throws in
            let user = geteuid()
            try TokenFiles(directory: folder.file("t"), tokens: ContainerTokens()).write(forUsers: [user])
            let first = try text(folder.file("t/\(user)"))
            try TokenFiles(directory: folder.file("t"), tokens: ContainerTokens()).write(forUsers: [user])
            #expect(try text(folder.file("t/\(user)")) != first)
        }
    }

    @Test("Files of other users belong to them", .enabled(if: isRoot, "only root can give files away"))
    func givesAway() throws {
        try TemporaryFolder.with { folder throws in
            let files = TokenFiles(directory: folder.file("t"), tokens: ContainerTokens())
            try files.write(forUsers: [1000, 65_534])
            for user: UInt32 in [1000, 65_534] {
                let facts = try facts(files.path(forUser: user))
                #expect(facts.st_uid == user)
                #expect(facts.st_mode & 0o7777 == 0o600)
            }
            files.remove(forUsers: [1000])
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("t")) == ["65534"])
        }
    }

    @Test(
        "A directory that others own or may write to is refused",
        .enabled(if: isRoot, "needs a directory of somebody else"))
    func foreignDirectory() throws {
        try TemporaryFolder.with { folder throws in
            let path = folder.file("t")
            let files = TokenFiles(directory: path, tokens: ContainerTokens())
            #expect(mkdir(path, 0o700) == 0)
            #expect(chown(path, 1000, 1000) == 0)
            let fault = #expect(throws: TokenFileFault.self) { try files.write(forUsers: [0]) }
            #expect(fault?.description.contains(path) == true)
        }
    }

    @Test("A directory that others may write to is refused", arguments: [0o777, 0o722, 0o702, 0o1777] as [UInt32])
    func writableDirectory(mode: UInt32) throws {
        try TemporaryFolder.with { folder throws in
            let path = folder.file("t")
            let files = TokenFiles(directory: path, tokens: ContainerTokens())
            #expect(mkdir(path, 0o700) == 0 && chmod(path, mode) == 0)
            #expect(throws: TokenFileFault.self) { try files.write(forUsers: [geteuid()]) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: path).isEmpty)
        }
    }

    @Test("A link or a file in the directory's place is refused", arguments: ["", "/", "//"])
    func linkedDirectory(slashes: String) throws {
        try TemporaryFolder.with { folder throws in
            #expect(mkdir(folder.file("real"), 0o700) == 0)
            #expect(symlink(folder.file("real"), folder.file("link")) == 0)
            try Data().write(to: URL(filePath: folder.file("file")))
            for name in ["link", "file", "missing/t"] {
                let files = TokenFiles(directory: folder.file(name) + slashes, tokens: ContainerTokens())
                let fault = #expect(throws: TokenFileFault.self) { try files.write(forUsers: [geteuid()]) }
                #expect(fault?.description.contains(folder.file(name)) == true)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("real")).isEmpty)
        }
    }

    @Test("What lies at a file's name, or at the name it is written under first, is replaced and not followed")
    func plantedLinks() throws {
        try TemporaryFolder.with { folder throws in
            let user = geteuid()
            let victim = folder.file("victim")
            try Data("precious".utf8).write(to: URL(filePath: victim))
            #expect(mkdir(folder.file("t"), 0o700) == 0)
            for name in ["\(user)", ".\(user).new"] { #expect(symlink(victim, folder.file("t/\(name)")) == 0) }
            try TokenFiles(directory: folder.file("t"), tokens: ContainerTokens()).write(forUsers: [user])
            #expect(try text(victim) == "precious")
            #expect(try facts(folder.file("t/\(user)")).st_mode & S_IFMT == S_IFREG)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("t")) == ["\(user)"])
        }
    }

    @Test("What can't be replaced is a fault that names the file, and leaves no token behind")
    func obstructed() throws {
        try TemporaryFolder.with { folder throws in
            let user = geteuid()
            #expect(mkdir(folder.file("t"), 0o700) == 0 && mkdir(folder.file("t/\(user)"), 0o700) == 0)
            let fault = #expect(throws: TokenFileFault.self) {
                try TokenFiles(directory: folder.file("t"), tokens: ContainerTokens()).write(forUsers: [user])
            }
            #expect(fault?.description.contains(folder.file("t/\(user)")) == true)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("t")) == ["\(user)"])
        }
    }
}
