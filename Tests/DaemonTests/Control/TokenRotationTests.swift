import Foundation
import Glibc
import MetadataServer
import TestSupport
import Testing

@testable import Daemon

@Suite("Token rotation")
struct TokenRotationTests {
    @Test("The file has a new token after each period, and the one before stays good for one more")
    func rotation() async throws {
        try await TemporaryFolder.with { folder in
            let (tokens, clock, own) = (ContainerTokens(), TestClock(), geteuid())
            let files = TokenFiles(directory: folder.file("t"), tokens: tokens)
            try files.write(forUsers: [own])
            func current() throws -> String { try String(contentsOfFile: files.path(forUser: own), encoding: .utf8) }
            let rotation = TokenRotation(
                every: .seconds(3600), tokens: tokens, files: files, clock: clock, logger: Sample.quiet)
            let running = Task { await rotation.run() }
            var seen = [try current()]
            for _ in 0..<3 {
                try await clock.sleepers(1)
                clock.advance(by: .seconds(3600))
                try await clock.sleepers(1)
                seen.append(try current())
                #expect(tokens.isValid(try current(), forUser: own))
            }
            #expect(Set(seen).count == 4)
            #expect(seen.map { tokens.isValid($0, forUser: own) } == [false, false, true, true])
            running.cancel()
            await running.value
        }
    }

    @Test("When files can't be written, what they hold stays good, and they are written as soon as possible")
    func failure() async throws {
        try await TemporaryFolder.with { folder in
            let (tokens, clock, log, own) = (ContainerTokens(), TestClock(), LogLines(), geteuid())
            let files = TokenFiles(directory: folder.file("t"), tokens: tokens)
            try files.write(forUsers: [own])
            let old = try String(contentsOfFile: files.path(forUser: own), encoding: .utf8)
            let rotation = TokenRotation(
                every: .seconds(3600), tokens: tokens, files: files, clock: clock, logger: log.logger)
            let running = Task { await rotation.run() }
            try await clock.sleepers(1)
            rename(folder.file("t"), folder.file("elsewhere"))
            try Data().write(to: URL(filePath: folder.file("t")))
            clock.advance(by: .seconds(3600))
            try await clock.sleepers(1)
            #expect(log.lines.contains { $0.contains("not written") })
            #expect(tokens.isValid(old, forUser: own))
            unlink(folder.file("t"))
            clock.advance(by: .seconds(60))
            try await clock.sleepers(1)
            let new = try String(contentsOfFile: files.path(forUser: own), encoding: .utf8)
            #expect(new != old && tokens.isValid(new, forUser: own) && tokens.isValid(old, forUser: own))
            running.cancel()
            await running.value
        }
    }
}
