import Glibc
import NIOCore
import Testing

@testable import CallerIdentity

@Suite("SocketHolders", .timeLimit(.minutes(1)))
struct SocketHoldersTests {
    /// Connects to a port with a socket that so many children have too. They end when it does.
    private static let sharing = """
        import os, socket, sys
        client = socket.socket()
        ear, mouth = os.pipe()
        for _ in range(int(sys.argv[2])):
            if os.fork() == 0:
                os.close(mouth)
                os.read(ear, 1)
                os._exit(0)
        client.connect(("127.0.0.1", int(sys.argv[1])))
        os.read(ear, 1)
        """

    @Test("All processes that share a socket are asked, and with too many of them nobody is", arguments: [15, 20])
    func shared(children: Int) async throws {
        let server = try await ObservedConnections.tcp([.processes], noting: .everybody)
        let port = String(try #require(server.address.port))
        try await ChildProgram.run("python3", ["-c", Self.sharing, port, String(children)]) { _ in
            let observed = try #require(await server.next())
            #expect(observed.origin == .user(geteuid()))
            #expect(observed.noted != nil)
            if children < SocketHolders.most {
                #expect(try observed.current().get().processes?.count == children + 1)
            } else {
                #expect(observed.current() == .failure(.tooManyProcesses))
            }
        }
        try await server.close()
    }

    @Test(
        "A process that can't be looked at for want of something may be one of them",
        arguments: [
            (ENOENT, nil), (ESRCH, nil), (EACCES, nil), (EPERM, nil), (EMFILE, .processUnseen),
            (ENFILE, .processUnseen), (ENOMEM, .processUnseen),
        ] as [(CInt, UnknownCaller?)])
    func unseen(error: CInt, fault: UnknownCaller?) throws {
        let process = try #require(CallerProcess(processID: getpid()))
        let holders = SocketHolders(among: [1, 2]) { processID in
            processID == 1 ? .holds(process) : .after(ProcError(number: error))
        }
        #expect(holders.fault == fault)
        #expect(holders.processes.count == 1)
        #expect(SocketHolders(process).fault == nil)
    }
}
