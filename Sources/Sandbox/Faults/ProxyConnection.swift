import Glibc
import NIOCore
import NIOHTTP1

/// Serves one client's connection: request after request, each counted, hit by the fault of the moment, or forwarded.
struct ProxyConnection {
    typealias Requests = NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator
    typealias Answers = NIOAsyncChannelOutboundWriter<ByteBuffer>

    let target: FaultTarget
    let backend: ProxyBackend
    let board: FaultBoard
    let clock: any Clock<Duration>

    /// A request whose head has come, and the fault that hits it.
    private struct Turn {
        let head: HTTPRequestHead
        let path: String
        let fault: Fault?

        /// Whether the service gets it.
        var isForwarded: Bool {
            switch fault?.kind {
            case .hang, .reset, .error, .garbage, .close: false
            case .drip, .truncate, .wrongContentType, nil: true
            }
        }
    }

    func serve(_ connection: FaultProxy.Frontend) async {
        // A client that leaves, or a service that breaks off, ends the connection; that is all there is to do about it.
        try? await connection.executeThenClose { inbound, outbound in
            var requests = inbound.makeAsyncIterator()
            do {
                var next = try await nextTurn(&requests)
                while let turn = next {
                    guard turn.isForwarded else { return try await act(turn, &requests, outbound, connection.channel) }
                    next = try await forward(turn, &requests, outbound)
                }
            } catch is HTTPParserError {
                try await outbound.write(
                    ResponseBytes.complete(status: 400, message: "the request is not HTTP/1.1"))
            }
        }
    }

    private func nextTurn(_ requests: inout Requests) async throws -> Turn? {
        guard case .head(let head)? = try await requests.next(isolation: #isolation) else { return nil }
        let path = String(head.uri.prefix { $0 != "?" })
        let fault = board.fault(on: target, path: path)
        board.count("\(head.method.rawValue) \(path)", for: target)
        return Turn(head: head, path: path, fault: fault)
    }

    /// What a fault does instead of the service; the connection ends with it.
    private func act(
        _ turn: Turn, _ requests: inout Requests, _ answers: Answers, _ channel: any Channel
    ) async throws {
        switch turn.fault?.kind {
        case .hang:
            while board.fault(on: target, path: turn.path)?.kind == .hang {
                try await clock.sleep(for: .milliseconds(50))
            }
        case .reset:
            // Closing with a linger time of zero sends RST instead of FIN (socket(7), SO_LINGER).
            let socket = channel as? any SocketOptionProvider
            try await socket?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        case .error:
            try await drain(&requests)
            let message = "fault injected by the sandbox"
            try await answers.write(ResponseBytes.complete(status: turn.fault?.status ?? 500, message: message))
        case .garbage:
            try await drain(&requests)
            try await answers.write(ByteBuffer(bytes: [0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x50, 0x0A, 0xFF, 0x0A]))
        default:
            try await drain(&requests)
        }
    }

    private func drain(_ requests: inout Requests) async throws {
        while let part = try await requests.next(isolation: #isolation) {
            if case .end = part { return }
        }
    }

    /// Forwards that request, and those that follow it, on one connection to the service. Returns the first that has to go another
    /// way, or `nil` when the client's connection ends.
    private func forward(_ first: Turn, _ requests: inout Requests, _ answers: Answers) async throws -> Turn? {
        guard let service = try? await backend.connect(clock: clock) else {
            try await drain(&requests)
            try await answers.write(
                ResponseBytes.complete(status: 502, message: "the service behind the proxy cannot be reached"))
            return nil
        }
        return try await service.executeThenClose { inbound, outbound in
            var parts = inbound.makeAsyncIterator()
            var turn = first
            while true {
                try await send(turn.head, &requests, to: outbound)
                var relay = AnswerRelay(proxy: self, answers: answers, path: turn.path, kind: turn.fault?.kind)
                guard try await relay.copy(&parts, of: turn.head), let next = try await nextTurn(&requests) else {
                    return nil
                }
                // The service may have closed since, as it may have started again.
                guard next.isForwarded, service.channel.isActive else { return next }
                turn = next
            }
        }
    }

    /// A service may answer and close before it has read the whole body; the rest of it is then read and dropped.
    private func send(
        _ head: HTTPRequestHead, _ requests: inout Requests,
        to service: NIOAsyncChannelOutboundWriter<HTTPClientRequestPart>
    ) async throws {
        // Goes with what follows it, which is there already for all but the longest requests.
        var unsent: [HTTPClientRequestPart] = [.head(head)]
        var isWriting = true
        while let part = try await requests.next(isolation: #isolation) {
            switch part {
            case .head: return
            case .body(let bytes): unsent.append(.body(.byteBuffer(bytes)))
            case .end(let trailers): unsent.append(.end(trailers))
            }
            if isWriting { isWriting = (try? await service.write(contentsOf: unsent)) != nil }
            unsent = []
            if case .end = part { return }
        }
    }

    /// Whether a dripping fault still acts.
    func isDripping(path: String) -> Bool {
        board.fault(on: target, path: path)?.kind == .drip
    }
}
