import NIOCore
import NIOHTTP1

/// Copies one answer of a service to the client, bent by a fault if there is one.
struct AnswerRelay {
    enum Outcome {
        /// The client's connection can go on.
        case goesOn
        /// It can't.
        case ends
        /// The service has closed before it said anything, and nothing was copied.
        case unanswered
    }

    typealias Parts = NIOAsyncChannelInboundStream<HTTPClientResponsePart>.AsyncIterator

    let proxy: ProxyConnection
    let answers: ProxyConnection.Answers
    let path: String
    let kind: FaultKind?

    private var bytes = ResponseBytes()
    private var held = ByteBuffer()
    /// Goes with what follows it.
    private var unsentHead = ByteBuffer()

    init(proxy: ProxyConnection, answers: ProxyConnection.Answers, path: String, kind: FaultKind?) {
        self.proxy = proxy
        self.answers = answers
        self.path = path
        self.kind = kind
    }

    mutating func copy(_ parts: inout Parts, of request: HTTPRequestHead) async throws -> Outcome {
        var next = try await Self.beginning(of: &parts)
        if next == nil { return .unanswered }
        while let part = next {
            switch part {
            case .head(var head):
                if kind == .wrongContentType { head.headers.replaceOrAdd(name: "content-type", value: "text/html") }
                let isHead = request.method == .HEAD
                unsentHead = bytes.head(head, isHead: isHead, clientKeepsConnection: request.isKeepAlive)
            case .body(let body) where kind == .truncate:
                held.writeImmutableBuffer(body)
            case .body(let body):
                try await write(bytes.body(body))
            case .end where kind == .truncate:
                if let half = held.getSlice(at: held.readerIndex, length: held.readableBytes / 2) {
                    try await write(bytes.body(half))
                }
                return .ends
            case .end:
                try await write(bytes.end())
                return bytes.keepsConnection ? .goesOn : .ends
            }
            next = try await parts.next(isolation: #isolation)
        }
        try await write(ByteBuffer())
        return .ends
    }

    /// `nil` if the connection has ended before it.
    private static func beginning(of parts: inout Parts) async throws -> HTTPClientResponsePart? {
        do {
            return try await parts.next(isolation: #isolation)
        } catch let error as HTTPParserError {
            throw error
        } catch {
            return nil
        }
    }

    private mutating func write(_ buffer: ByteBuffer) async throws {
        var rest = unsentHead
        unsentHead = ByteBuffer()
        rest.writeImmutableBuffer(buffer)
        while kind == .drip, rest.readableBytes > 1, proxy.isDripping(path: path), let byte = rest.readSlice(length: 1)
        {
            try await answers.write(byte)
            try await proxy.clock.sleep(for: .milliseconds(20))
        }
        if rest.readableBytes > 0 { try await answers.write(rest) }
    }
}
