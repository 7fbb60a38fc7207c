import Glibc
import NIOCore

/// Reading, writing, closing.
extension ServingThread {
    private static let largestSpareOutput = 64 << 10

    func handle(_ event: Epoll.Event, of connection: OpenConnection) {
        if event.isReadable { return read(connection) }
        if event.isBroken { return close(connection) }
        if event.isWritable { tell(connection) { _ in } }
    }

    /// Another request of several that have come at once.
    func proceed(_ connection: OpenConnection) {
        connection.isQueued = false
        tell(connection) { $0.proceed() }
    }

    func read(_ connection: OpenConnection) {
        var call = SocketCall()
        input.clear(minimumCapacity: Self.readLength)
        input.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.readLength) { bytes in
            call.make { recv(connection.descriptor, bytes.baseAddress, Self.readLength, 0) }
        }
        if call.length > 0 {
            tell(connection) { $0.received(&input) }
        } else if call.mustBeRepeated {
            watch(connection)
            note(connection.deadline)
        } else {
            close(connection)
        }
    }

    /// Lets the connection know of something, and does what it wants then.
    func tell(_ connection: OpenConnection, _ something: (HTTPConnection) -> Void) {
        guard let http = connection.http else { return }
        let isLent = http.output.readableBytes == 0
        if isLent { lendOutput(to: http) }
        something(http)
        let isAlive = send(http, on: connection)
        if http.output.readableBytes == 0 {
            // One of its own, for what wasn't sent at once, has no more use.
            if isLent { swap(&http.output, &spareOutput) } else { http.output = ByteBuffer() }
        }
        guard isAlive else { return close(connection) }
        awaitAttempt(for: http, of: connection)
        if http.canProceed, !connection.isSending, !connection.isQueued {
            connection.isQueued = true
            unfinished.append(connection.token)
        }
        watch(connection)
        note(connection.deadline)
    }

    private func lendOutput(to http: HTTPConnection) {
        // A long answer, of user data for instance, may have made it large.
        if spareOutput.capacity > Self.largestSpareOutput { spareOutput = ByteBuffer() }
        spareOutput.clear()
        swap(&http.output, &spareOutput)
    }

    /// Sends what can be sent. `false` if the connection is to be closed.
    private func send(_ http: HTTPConnection, on connection: OpenConnection) -> Bool {
        guard http.phase != .over else { return false }
        var call = SocketCall()
        while http.output.readableBytes > 0 {
            let length = http.output.withUnsafeReadableBytes { bytes in
                call.make { Glibc.send(connection.descriptor, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL)) }
            }
            guard length > 0 else { return call.mustBeRepeated }
            http.output.moveReaderIndex(forwardBy: length)
        }
        return http.phase != .closing
    }

    private func awaitAttempt(for http: HTTPConnection, of connection: OpenConnection) {
        guard let (key, number) = http.takeAwaited() else { return }
        connection.listening.listener.source.awaitNextAttempt(key) { [mailbox, token = connection.token] in
            mailbox.post(.attemptEnded(connection: token, number: number))
        }
    }

    private func watch(_ connection: OpenConnection) {
        let wanted = connection.wanted
        guard connection.interest != wanted else { return }
        let (descriptor, token) = (connection.descriptor, connection.token)
        let isWatched =
            connection.interest == nil
            ? epoll.add(descriptor, wanted, token: token) : epoll.change(descriptor, wanted, token: token)
        connection.interest = wanted
        if !isWatched { close(connection) }
    }

    func close(_ connection: OpenConnection) {
        guard self.connection(connection.token) != nil else { return }
        set(.free, at: connection.descriptor)
        Glibc.close(connection.descriptor)
        connection.http?.closed()
        let listening = connection.listening
        listening.listener.release(connection.countedFor)
        listening.openCount -= 1
        endIfAllAreClosed(listening)
    }
}

/// What came of recv(2) or send(2).
private struct SocketCall {
    /// Of what was read or sent; 0 also where the call has failed.
    private(set) var length = 0
    private var failure: CInt = 0

    @discardableResult
    mutating func make(_ call: () -> Int) -> Int {
        let result = call()
        failure = result < 0 ? errno : 0
        length = max(0, result)
        return length
    }

    /// The socket isn't ready: it is to be watched.
    var mustBeRepeated: Bool { failure == EAGAIN || failure == EINTR }
}
