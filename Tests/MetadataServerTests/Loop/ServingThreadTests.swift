import CallerIdentity
import Glibc
import NIOCore
import Synchronization
import Testing

@testable import MetadataServer

/// The turns of a serving loop, taken one by one, at a Unix socket, where what is sent is there at once.
@Suite struct ServingThreadTests {
    private let answers = Answers()
    private let served: ServedUser

    init() throws { served = try ServedUser(mostConnections: 1000, observer: answers) }

    private func withThread(_ body: (ServingThread, SocketAddress) throws -> Void) throws {
        guard let mailbox = LoopMailbox(), let epoll = Epoll() else { throw SystemCallFailure(code: errno) }
        try #require(epoll.add(mailbox.descriptor, .reading, token: ServingThread.mailboxToken))
        let thread = ServingThread(mailbox: mailbox, epoll: epoll)
        defer {
            mailbox.post(.stop)
            thread.run()
        }
        let path = "/tmp/turns-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock"
        let file = try UnixSocketFile(listener: "test", path: path, mode: 0o600)
        defer { file.remove() }
        let socket = try ListeningSocket(on: file)
        thread.listen(on: socket, for: served.listener(.unix(path: path, mode: 0o600)))
        try body(thread, socket.address)
    }

    private func client(_ name: String, asking count: Int, at address: SocketAddress) throws -> SocketClient {
        let client = try SocketClient(address)
        ask(name, count, by: client)
        return client
    }

    private func ask(_ name: String, _ count: Int = 1, by client: SocketClient) {
        let request = "GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: \(name)\r\n\r\n"
        client.send(String(repeating: request, count: count))
    }

    @Test(arguments: [1, 100])
    func `who asks while others have sent many requests at once waits for 64 of these at most`(crowd: Int) throws {
        try withThread { thread, address in
            let other = try client("other", asking: 1, at: address)
            let greedy = try (0..<crowd).map { try client("greedy \($0)", asking: 30, at: address) }
            // At most 16 are accepted in a turn.
            for _ in 0..<(crowd / 16 + 1) { thread.turn() }
            #expect(served.callerConnections.count(of: .user(geteuid())) == crowd + 1)
            #expect(thread.unfinished.count == crowd)
            _ = answers.take()
            ask("other", by: other)
            thread.turn()
            let first = answers.take()
            #expect(first.first == "other" && first.count == 1 + min(64, crowd), "\(first)")
            // Nobody has a second turn before all have had their first.
            thread.turn()
            let turns = Dictionary(grouping: Array(first.dropFirst()) + answers.take()) { $0 }.mapValues(\.count)
            #expect(turns.count == crowd && turns.values.allSatisfy { $0 <= 2 }, "\(turns)")
            for client in greedy + [other] { client.close() }
        }
    }
}

/// Who was answered, by what they call themselves, in the order of the answers.
private final class Answers: RequestObserver {
    private final class Hearing: ConnectionObserver {
        private let answers: Answers

        init(_ answers: Answers) { self.answers = answers }

        func answered(_ request: AnsweredRequest) { answers.names.withLock { $0.append(request.userAgent) } }
        func closed() {}
    }

    private let names = Mutex<[String]>([])

    var noting: ProcessNoting { .nobody }

    func connected(_ connection: ObservedConnection) -> any ConnectionObserver { Hearing(self) }
    func dropped() {}

    /// Since the last time.
    func take() -> [String] {
        names.withLock { names in
            defer { names = [] }
            return names
        }
    }
}
