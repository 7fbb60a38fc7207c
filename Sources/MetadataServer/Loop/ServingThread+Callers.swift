import CallerIdentity
import NIOCore

/// From a connection's acceptance until it is known who calls.
extension ServingThread {
    /// Has it found out who calls. Meanwhile the connection is not watched.
    func lookUp(
        _ caller: Result<Caller, UnknownCaller>, of socket: AcceptedSocket, detail: CallerDetail,
        for connection: OpenConnection
    ) {
        let listener = connection.listening.listener
        let end = NIODeadline.now() + TimeAmount(listener.configuration.lookUpTimeout)
        connection.lookUpEnd = end
        note(end)
        listener.observe(caller, of: socket, detail: detail, by: end) { [mailbox, token = connection.token] in
            mailbox.post(.observed(connection: token, $0))
        }
    }

    /// An answer that comes too late counts for nothing, also if the time has not been looked after since.
    func lookedUp(_ connection: OpenConnection, _ caller: ObservedCaller) {
        guard connection.lookUpEnd > .now() else { return endLookUp(of: connection) }
        begin(connection, caller, refusal: nil)
    }

    /// It is known who calls.
    func begin(_ connection: OpenConnection, _ caller: ObservedCaller, refusal: MetadataError?) {
        let listening = connection.listening
        let http = listening.listener.connection(
            of: caller, countedFor: connection.countedFor, refusal: refusal,
            in: listening.contexts.context(at: connection.endpoint))
        connection.http = http
        if listening.closing != nil { http.drain() }
        // What the client has said by now is answered at once; many clients close then, and need not be watched at all.
        read(connection)
    }

    /// The connection's deadline has passed.
    func timePassed(for connection: OpenConnection) {
        guard connection.http == nil else { return tell(connection) { $0.timePassed() } }
        endLookUp(of: connection)
    }

    private func endLookUp(of connection: OpenConnection) {
        connection.listening.listener.logLateLookUp(of: connection.countedFor)
        close(connection)
    }
}
