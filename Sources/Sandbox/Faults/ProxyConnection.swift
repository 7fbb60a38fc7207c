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
                while case .head(let head)? = try await requests.next(isolation: #isolation) {
                    guard try await answer(head, &requests, outbound, channel: connection.channel) else { return }
                }
            } catch is HTTPParserError {
                try await outbound.write(
                    ResponseBytes.complete(status: 400, message: "the request is not HTTP/1.1"))
            }
        }
    }

    /// Whether the connection can go on.
    private func answer(
        _ head: HTTPRequestHead, _ requests: inout Requests, _ answers: Answers, channel: any Channel
    ) async throws -> Bool {
        let path = String(head.uri.prefix { $0 != "?" })
        let fault = board.fault(on: target, path: path)
        board.count("\(head.method.rawValue) \(path)", for: target)
        switch fault?.kind {
        case .hang:
            while board.fault(on: target, path: path)?.kind == .hang { try await clock.sleep(for: .milliseconds(50)) }
            return false
        case .reset:
            // Closing with a linger time of zero sends RST instead of FIN (socket(7), SO_LINGER).
            let socket = channel as? any SocketOptionProvider
            try await socket?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
            return false
        case .error:
            try await drain(&requests)
            let message = "fault injected by the sandbox"
            try await answers.write(ResponseBytes.complete(status: fault?.status ?? 500, message: message))
            return false
        case .garbage:
            try await drain(&requests)
            try await answers.write(ByteBuffer(bytes: [0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x50, 0x0A, 0xFF, 0x0A]))
            return false
        case .close:
            try await drain(&requests)
            return false
        case .drip, .truncate, .wrongContentType, nil:
            return try await forward(head, &requests, answers, path: path, bending: fault?.kind)
        }
    }

    private func drain(_ requests: inout Requests) async throws {
        while let part = try await requests.next(isolation: #isolation) {
            if case .end = part { return }
        }
    }

    private func forward(
        _ head: HTTPRequestHead, _ requests: inout Requests, _ answers: Answers, path: String,
        bending kind: FaultKind?
    ) async throws -> Bool {
        guard let connection = try? await backend.connect(clock: clock) else {
            try await drain(&requests)
            try await answers.write(
                ResponseBytes.complete(status: 502, message: "the service behind the proxy cannot be reached"))
            return false
        }
        return try await connection.executeThenClose { inbound, outbound in
            try await send(head, &requests, to: outbound)
            var relay = AnswerRelay(proxy: self, answers: answers, path: path, kind: kind)
            return try await relay.copy(inbound, of: head)
        }
    }

    /// A service may answer and close before it has read the whole body; the rest of it is then read and dropped.
    private func send(
        _ head: HTTPRequestHead, _ requests: inout Requests,
        to service: NIOAsyncChannelOutboundWriter<HTTPClientRequestPart>
    ) async throws {
        var isWriting = (try? await service.write(.head(head))) != nil
        while let part = try await requests.next(isolation: #isolation) {
            switch part {
            case .head: return
            case .body(let bytes):
                if isWriting { isWriting = (try? await service.write(.body(.byteBuffer(bytes)))) != nil }
            case .end(let trailers):
                if isWriting { try? await service.write(.end(trailers)) }
                return
            }
        }
    }

    /// Whether a dripping fault still acts.
    func isDripping(path: String) -> Bool {
        board.fault(on: target, path: path)?.kind == .drip
    }
}
