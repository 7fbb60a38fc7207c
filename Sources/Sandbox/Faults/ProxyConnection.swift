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

    private func nextTurn(_ requests: inout Requests) async throws -> ProxyTurn? {
        guard case .head(let head)? = try await requests.next(isolation: #isolation) else { return nil }
        let path = String(head.uri.prefix { $0 != "?" })
        let fault = board.fault(on: target, path: path)
        board.count("\(head.method.rawValue) \(path)", for: target)
        return ProxyTurn(head: head, path: path, fault: fault)
    }

    /// What a fault does instead of the service; the connection ends with it.
    private func act(
        _ turn: ProxyTurn, _ requests: inout Requests, _ answers: Answers, _ channel: any Channel
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
    private func forward(
        _ first: ProxyTurn, _ requests: inout Requests, _ answers: Answers
    ) async throws -> ProxyTurn? {
        guard let service = try? await backend.connect(clock: clock) else {
            if !first.isWhole { try await drain(&requests) }
            try await refuse("the service behind the proxy cannot be reached", answers)
            return nil
        }
        return try await service.executeThenClose { inbound, outbound in
            var parts = inbound.makeAsyncIterator()
            var turn = first
            while true {
                let isSent = try await send(&turn, &requests, to: outbound)
                var relay = AnswerRelay(proxy: self, answers: answers, path: turn.path, kind: turn.fault?.kind)
                let outcome: AnswerRelay.Outcome = try await isSent ? relay.copy(&parts, of: turn.head) : .unanswered
                switch outcome {
                case .ends: return nil
                case .unanswered: return try await again(turn, wasSent: isSent, answers)
                case .goesOn:
                    guard let next = try await nextTurn(&requests) else { return nil }
                    // The service may have closed since, as it may have started again.
                    guard next.isForwarded, await ProxyBackend.isQuiet(service) else { return next }
                    turn = next
                }
            }
        }
    }

    /// What to do when the service has closed without an answer, as it may just when a request comes on a connection
    /// that it has kept: the same once more on a new one. If that might do harm, the client is told, and its own ends.
    private func again(_ turn: ProxyTurn, wasSent: Bool, _ answers: Answers) async throws -> ProxyTurn? {
        try Task.checkCancellation()
        // It is the client that has gone.
        guard turn.isWhole else { return nil }
        if let again = turn.repeated(wasSent: wasSent) { return again }
        try await refuse("the service behind the proxy closed the connection before it answered", answers)
        return nil
    }

    private func refuse(_ message: String, _ answers: Answers) async throws {
        try await answers.write(ResponseBytes.complete(status: 502, message: message))
    }

    /// Returns whether the service may have got any of it. A service may answer and close before it has read the whole
    /// body; the rest of it is then read, but not sent.
    private func send(
        _ turn: inout ProxyTurn, _ requests: inout Requests,
        to service: NIOAsyncChannelOutboundWriter<HTTPClientRequestPart>
    ) async throws -> Bool {
        // Goes with what follows it, which is there already for all but the longest requests.
        var unsent = turn.parts
        var (isWriting, isSent) = (true, false)
        repeat {
            if !turn.isWhole {
                guard let part = try await requests.next(isolation: #isolation), let next = turn.take(part) else {
                    return isSent
                }
                unsent.append(next)
            }
            if isWriting { isWriting = (try? await service.write(contentsOf: unsent)) != nil }
            isSent = isSent || isWriting
            unsent = []
        } while !turn.isWhole
        return isSent
    }

    /// Whether a dripping fault still acts.
    func isDripping(path: String) -> Bool {
        board.fault(on: target, path: path)?.kind == .drip
    }
}
