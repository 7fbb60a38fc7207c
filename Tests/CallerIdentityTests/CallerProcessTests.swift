import Foundation
import Glibc
import NIOCore
import TestSupport
import Testing

@testable import CallerIdentity

@Suite("CallerProcess", .timeLimit(.minutes(1)))
struct CallerProcessTests {
    @Test("This process runs the program that /proc names, as this user")
    func ownProcess() throws {
        let process = try #require(CallerProcess(processID: getpid()))
        #expect(process.userID() == geteuid())
        let facts = try #require(process.facts())
        #expect(facts.executable == (try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")))
        #expect(facts.processID == getpid())
    }

    @Test("A process that runs another program since is that program")
    func exec() async throws {
        try await ChildProgram.run("sh", ["-c", "read x < /proc/self/stat; sleep 0.2; exec sleep 1000"]) { processID in
            let process = try #require(CallerProcess(processID: processID))
            try await awaited("it runs sleep") { process.facts()?.executable?.hasSuffix("/sleep") ?? false }
            #expect(process.facts()?.executable?.hasSuffix("/sleep") == true)
        }
    }

    @Test("A process that has ended is nobody, also while nobody has waited for it")
    func ended() async throws {
        try await ChildProgram.run("sleep", ["1000"]) { processID in
            let process = try #require(CallerProcess(processID: processID))
            #expect(process.facts() != nil && !process.hasEnded)
            kill(processID, SIGKILL)
            try await awaited("it has ended") { process.facts() == nil && process.hasEnded }
            #expect((try? process.holds(socket: 1)) != true)
        }
        #expect(CallerProcess(processID: Int32.max) == nil)
    }

    @Test("A program that was replaced on disk is no longer the one at its path")
    func replaced() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "caller-process-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        let program = folder.appending(path: "program").path
        try FileManager.default.copyItem(atPath: "/bin/sleep", toPath: program)
        try await ChildProgram.run("env", [program, "1000"]) { processID in
            let process = try #require(CallerProcess(processID: processID))
            try await awaited("it runs the program") { process.facts()?.executable == program }
            let observed = try #require(ObservedProcess(process))
            #expect(observed.facts()?.executable == program)
            try FileManager.default.removeItem(atPath: program)
            #expect(process.facts()?.executable == nil)
            try FileManager.default.copyItem(atPath: "/bin/sleep", toPath: program)
            #expect(process.facts() != nil)
            #expect(observed.facts() != nil)
            #expect(observed.facts()?.executable == nil)
            #expect(process.facts()?.executable == nil)
        }
    }

    @Test("The process at the other end is found over TCP and over a Unix socket", arguments: [false, true])
    func observed(overUnix: Bool) async throws {
        let path = "/tmp/observed-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock"
        let server = try await overUnix ? ObservedConnections.unix(path) : ObservedConnections.tcp()
        defer { unlink(path) }
        let client =
            try overUnix
            ? Client.connect(unix: path)
            : Client.connect("127.0.0.1", port: #require(server.address.port), family: AF_INET)
        defer { close(client) }
        let caller = try #require(await server.next()).current().get()
        #expect(caller.processes?.map(\.processID) == [getpid()])
        #expect(caller.groups == UserGroups.ofUser(geteuid()))
        try await server.close()
    }

    @Test(
        "A process is noted where records ask for it, and then decides nothing",
        arguments: [
            (true, ProcessNoting.nobody, false), (true, .unixSockets, true), (true, .everybody, true),
            (false, .nobody, false), (false, .unixSockets, false), (false, .everybody, true),
        ])
    func noted(overUnix: Bool, noting: ProcessNoting, isNoted: Bool) async throws {
        let path = "/tmp/noted-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock"
        let server =
            try await overUnix
            ? ObservedConnections.unix(path, [], noting: noting) : ObservedConnections.tcp([], noting: noting)
        defer { unlink(path) }
        let client =
            try overUnix
            ? Client.connect(unix: path)
            : Client.connect("127.0.0.1", port: #require(server.address.port), family: AF_INET)
        defer { close(client) }
        let caller = try #require(await server.next())
        #expect(caller.noted?.processID == (isNoted ? getpid() : nil))
        #expect((caller.noted?.executable != nil) == isNoted)
        #expect(caller.processID == (isNoted || overUnix ? getpid() : nil))
        #expect(try caller.current().get().processes == nil)
        try await server.close()
    }

    @Test("Members of groups are found in the user database")
    func groups() {
        #expect(UserGroups.groupID(of: "root") == 0)
        #expect(UserGroups.groupID(of: "12345") == 12345)
        #expect(UserGroups.groupID(of: "no-such-group") == nil)
        #expect(UserGroups.groupID(of: "\(UInt32.max)") == nil)
        #expect(UserGroups.ofUser(0).contains(0))
        #expect(UserGroups.ofUser(4_000_000_000).isEmpty)
    }
}
