import CallerIdentity
import CredentialCache
import Foundation
import Glibc
import MetadataServer
import Synchronization
import TestSupport
import Testing

@testable import Daemon

@Suite struct AuditFileTests {
    private func mode(_ path: String) -> UInt32 {
        var facts = stat()
        return lstat(path, &facts) == 0 ? facts.st_mode & 0o7777 : 0
    }

    private func record(_ role: String) throws -> AuditRecord {
        let failure = RequestFailure(
            code: "Locked", denial: nil, key: CredentialKey(principal: Sample.ana, role: role))
        let connection = ObservedConnection(
            caller: ObservedCaller(.failure(.noUser)), listener: "l", face: .instanceMetadata)
        let kind = try #require(AuditKind(.failed(failure), of: connection, sdk: .none))
        return AuditRecord(kind: kind, at: Date(timeIntervalSince1970: 0), userAgent: "", processID: nil)
    }

    @Test(arguments: [UInt32(0o600), 0o640])
    func `a new file gets its mode, and what is there is appended to`(mode: UInt32) throws {
        try TemporaryFolder.with { folder in
            let path = folder.file("audit.log")
            for line in ["a\n", "b\n"] {
                let file = try AuditFile(path: path, mode: mode)
                #expect(file.append(line))
            }
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "a\nb\n")
            #expect(self.mode(path) == mode)
        }
    }

    @Test func `links, pipes, folders and what others may write or read are refused, by name`() throws {
        try TemporaryFolder.with { folder in
            try folder.write("real", "")
            #expect(chmod(folder.file("real"), 0o600) == 0)
            #expect(symlink(folder.file("real"), folder.file("link")) == 0)
            #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
            #expect(mkdir(folder.file("folder"), 0o700) == 0)
            for (name, mode) in [("readable", 0o644), ("writable", 0o660)] {
                try folder.write(name, "")
                #expect(chmod(folder.file(name), mode_t(mode)) == 0)
            }
            for name in ["link", "pipe", "folder", "readable", "writable", "nowhere/audit.log"] {
                let fault = #expect(throws: AuditFileFault.self) {
                    _ = try AuditFile(path: folder.file(name), mode: 0o600)
                }
                #expect(fault?.description.hasPrefix("audit.file: can't write to \(folder.file(name)): ") == true)
            }
        }
    }

    @Test func `after a rotation lines go to the new file, and until then to the old one`() throws {
        try TemporaryFolder.with { folder in
            let path = folder.file("audit.log")
            let sink = try AuditToFile(path: path, mode: 0o600, logger: Sample.quiet, onFailure: {})
            sink.write(try record("one"))
            #expect(rename(path, path + ".1") == 0)
            sink.write(try record("two"))
            sink.reopen()
            sink.write(try record("three"))
            #expect(try String(contentsOfFile: path + ".1", encoding: .utf8).split(separator: "\n").count == 2)
            #expect(try String(contentsOfFile: path, encoding: .utf8).contains(#""role":"three""#))
        }
    }

    @Test func `a file that can't be reopened goes on as it is`() throws {
        try TemporaryFolder.with { folder in
            let log = LogLines()
            let path = folder.file("audit.log")
            let sink = try AuditToFile(path: path, mode: 0o600, logger: log.logger, onFailure: {})
            #expect(rename(path, path + ".1") == 0 && mkdir(path, 0o700) == 0)
            sink.reopen()
            sink.write(try record("one"))
            #expect(try String(contentsOfFile: path + ".1", encoding: .utf8).contains(#""role":"one""#))
            #expect(log.lines.first?.hasPrefix("error audit file not reopened ") == true)
        }
    }

    /// The descriptor that is open for the file at `path`.
    private func descriptor(of path: String) throws -> CInt {
        let names = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        let found = names.first {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == path
        }
        return try #require(found.flatMap { CInt($0) })
    }

    @Test func `a line that can't be written is counted, and the log has it`() throws {
        let log = LogLines()
        let failures = Mutex(0)
        try TemporaryFolder.with { folder in
            let path = folder.file("audit.log")
            let sink = try AuditToFile(path: path, mode: 0o600, logger: log.logger) { failures.withLock { $0 += 1 } }
            // A disk that is always full.
            let full = open("/dev/full", O_WRONLY)
            #expect(dup2(full, try descriptor(of: path)) >= 0 && close(full) == 0)
            for role in ["one", "two"] { sink.write(try record(role)) }
            sink.reopen()
            sink.write(try record("three"))
            #expect(try String(contentsOfFile: path, encoding: .utf8).contains(#""role":"three""#))
        }
        #expect(failures.withLock { $0 } == 2)
        let starts = [
            "error audit not written, the log has it ", "notice credentials refused ", "notice credentials refused ",
            "notice audit written again ",
        ]
        #expect(log.lines.count == starts.count)
        #expect(zip(log.lines, starts).allSatisfy { $0.hasPrefix($1) }, "\(log.lines)")
    }
}
