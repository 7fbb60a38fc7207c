import CallerIdentity
import Credentials
import Logging
import NIOCore
import Synchronization

@testable import MetadataServer

/// A connection in memory, with its clock in the test's hands, and the test in the place of the socket's owner.
final class TestConnection {
    private let uptime = TestUptime()
    private let endedAttempts = Numbers()
    private let connection: HTTPConnection
    let fixture: Fixture
    private(set) var isOpen = true
    /// It was to be closed at once, although an answer was not sent.
    private(set) var hasLostAnswer = false
    /// How often it has had another turn for what came at once.
    private(set) var furtherTurns = 0

    init(
        _ fixture: Fixture = Fixture(), face: ListenerFace = .containerCredentials,
        caller: Result<Caller, UnknownCaller> = Fixture.caller(1000),
        requestsPerSecond: Int = 1_000_000, logLines: CallerLogLines = CallerLogLines(),
        observer: (any ConnectionObserver)? = nil,
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) {
        self.fixture = fixture
        let configuration = ListenerConfiguration(
            name: "test", face: face, address: .tcp(host: "127.0.0.1", port: 8080))
        connection = HTTPConnection(
            service: fixture.service, caller: ObservedCaller(caller), countedFor: caller.origin,
            listener: Fixture.listener(face),
            configuration: configuration,
            callerRequests: CallerRequests(perSecond: requestsPerSecond), callerLogLines: logLines,
            observer: observer, logger: logger,
            uptime: { [uptime] in uptime.now }, now: { Fixture.now })
    }

    /// The bytes that are kept for what the client has sent.
    var keptBytes: Int { connection.unread.capacity }

    func send(_ text: String) { send(Array(text.utf8)) }

    /// In reads of 4 KiB, as far as the connection wants them.
    func send(_ bytes: some Collection<UInt8>) {
        var rest = bytes[...]
        while !rest.isEmpty, isOpen, connection.wantsRead {
            var read = ByteBuffer(bytes: rest.prefix(4096))
            rest = rest.dropFirst(4096)
            connection.received(&read)
            settle()
        }
    }

    /// Lets time pass, from one deadline to the next.
    func advance(by time: TimeAmount) {
        let end = uptime.now + time
        while isOpen, connection.deadline <= end {
            uptime.now = max(uptime.now, connection.deadline)
            connection.timePassed()
            settle()
        }
        uptime.now = end
    }

    /// Tells it of the attempts that have ended.
    func deliverAttempts() {
        for number in endedAttempts.take() where isOpen {
            connection.attemptEnded(number)
            settle()
        }
    }

    func drain() {
        connection.drain()
        settle()
    }

    /// The client goes away.
    func close() {
        guard isOpen else { return }
        isOpen = false
        connection.closed()
    }

    /// A GET with the right token.
    func get(_ target: String, method: String = "GET", version: String = "1.1", extra: String = "") -> String {
        let token = fixture.tokens.token(forUser: 1000).revealed()
        return "\(method) \(target) HTTP/\(version)\r\nHost: 127.0.0.1:8080\r\nAuthorization: \(token)\r\n\(extra)\r\n"
    }

    /// Everything written since the last call.
    func received() -> String {
        defer { connection.output.clear() }
        return String(buffer: connection.output)
    }

    func responses() throws -> [WireResponse] {
        try WireResponse.all(in: received())
    }

    private func settle() {
        while true {
            if let (key, number) = connection.takeAwaited() {
                fixture.source.awaitNextAttempt(key) { [endedAttempts] in endedAttempts.append(number) }
            }
            guard connection.phase == .open || connection.phase == .draining else {
                hasLostAnswer = connection.phase == .over && connection.output.readableBytes > 0
                return close()
            }
            guard connection.canProceed else { return }
            furtherTurns += 1
            connection.proceed()
        }
    }
}

private final class TestUptime: Sendable {
    private let state = Mutex(NIODeadline.uptimeNanoseconds(0))

    var now: NIODeadline {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}

private final class Numbers: Sendable {
    private let state = Mutex<[Int]>([])

    func append(_ number: Int) { state.withLock { $0.append(number) } }

    func take() -> [Int] {
        state.withLock { numbers in
            defer { numbers = [] }
            return numbers
        }
    }
}
