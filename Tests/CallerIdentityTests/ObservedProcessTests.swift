import Glibc
import NIOCore
import TestSupport
import Testing

@testable import CallerIdentity

@Suite("ObservedProcess, with real processes", .timeLimit(.minutes(1)))
struct ObservedProcessTests {
    /// Connects to a port and, when there is a file of that name, does something and keeps the connection.
    private static let changing = """
        import ctypes, os, socket, sys, time
        client = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
        client.set_inheritable(True)
        while not os.path.exists(sys.argv[2]):
            time.sleep(0.005)

        """

    /// What it may do: run another program, or leave its mount namespace (CLONE_NEWNS), which takes root's rights.
    private static let execution = #"os.execv("/bin/sleep", ["sleep", "1000"])"#
    private static let unsharing = "ctypes.CDLL(None).unshare(0x20000) == 0 and time.sleep(1000)"

    @Test(
        "A process that runs another program since, or one in another mount namespace, is no program of the rules",
        arguments: [true, false])
    func changed(byExecution isExecution: Bool) async throws {
        let change = isExecution ? Self.execution : Self.unsharing
        let signal = "/tmp/change-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        defer { unlink(signal) }
        let server = try await ObservedConnections.tcp([.processes])
        let arguments = ["-c", Self.changing + change, String(try #require(server.address.port)), signal]
        try await ChildProgram.run("python3", arguments) { processID in
            let observed = try #require(await server.next())
            let before = try #require(try observed.current().get().processes?.first)
            #expect(before.processID == processID)
            #expect(before.executable?.contains("python") == true)
            try #require(close(creat(signal, 0o600)) == 0)
            try await awaited("it changes") {
                (try? observed.current().get())?.processes?.first?.executable == nil
            }
            guard case .success(let current) = observed.current() else {
                // It has ended, for want of these rights.
                #expect(!isExecution)
                return
            }
            #expect(current.processes?.map(\.processID) == [processID])
            #expect(current.processes?.map(\.controlGroup) == [before.controlGroup])
        }
        try await server.close()
    }

    @Test("A process that stays what it was is found so again and again")
    func unchanged() throws {
        let observed = try #require(CallerProcess(processID: getpid()).flatMap { ObservedProcess($0) })
        let facts = try #require(observed.facts())
        #expect(facts.executable != nil)
        #expect(observed.facts() == facts)
        #expect(CallerProcess(processID: getpid())?.facts() == facts)
    }
}
