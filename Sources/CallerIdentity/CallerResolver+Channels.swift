package import NIOCore

extension CallerResolver {
    /// Who is on the other end of `channel`, as ``caller(of:)`` tells; it must be accepted, still open and on the current event loop.
    package func caller(ofAccepted channel: any Channel) -> Result<Caller, UnknownCaller> {
        AcceptedSocket(channel).map(caller(of:)) ?? .failure(.unsupportedTransport)
    }

    /// Whether that user is at the other end of `channel`, as ``caller(ofAccepted:)`` tells; not if nobody knows.
    package func isUser(_ userID: UInt32, atOtherEndOf channel: any Channel) -> Bool {
        if case .success(let caller) = caller(ofAccepted: channel) { caller.userID == userID } else { false }
    }

    /// As ``observe(_:of:detail:noting:by:then:)``.
    package func observe(
        _ result: Result<Caller, UnknownCaller>, ofAccepted channel: any Channel, detail: CallerDetail,
        noting: ProcessNoting = .nobody
    ) -> EventLoopFuture<ObservedCaller> {
        guard mustObserve(result, detail: detail, noting: noting), let socket = AcceptedSocket(channel) else {
            return channel.eventLoop.makeSucceededFuture(ObservedCaller(result))
        }
        let observed = channel.eventLoop.makePromise(of: ObservedCaller.self)
        observe(result, of: socket, detail: detail, noting: noting, then: observed.succeed)
        return observed.futureResult
    }
}

extension AcceptedSocket {
    /// `nil` for anything but a Unix socket or a TCP connection.
    fileprivate init?(_ channel: any Channel) {
        let descriptor = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self, \.self)
        guard let descriptor = descriptor else { return nil }
        if case .unixDomainSocket = channel.localAddress {
            self.init(descriptor: descriptor, connection: nil)
        } else if let client = Endpoint(channel.remoteAddress), let server = Endpoint(channel.localAddress) {
            self.init(descriptor: descriptor, connection: TCPConnection(client: client, server: server))
        } else {
            return nil
        }
    }
}
