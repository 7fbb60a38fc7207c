import NIOCore
import NIOHTTP1

/// Writes HTTP/1.1 answers as bytes, so that a fault can bend them at any point.
struct ResponseBytes {
    private var isChunked = false
    /// Whether the connection can serve another request after this answer.
    private(set) var keepsConnection = true
    private var hasBody = true

    /// Head of an answer, with its framing kept: a length, chunks, or until the connection closes.
    mutating func head(_ head: HTTPResponseHead, isHead: Bool, clientKeepsConnection: Bool) -> ByteBuffer {
        var headers = head.headers
        hasBody = !isHead && head.status.mayHaveResponseBody
        isChunked = headers[canonicalForm: "transfer-encoding"].contains { $0.lowercased() == "chunked" }
        let isFramed = isChunked || headers.contains(name: "content-length") || !hasBody
        keepsConnection = isFramed && clientKeepsConnection && head.isKeepAlive
        if !keepsConnection { headers.replaceOrAdd(name: "connection", value: "close") }
        var text = "HTTP/1.1 \(head.status.code) \(head.status.reasonPhrase)\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        return ByteBuffer(string: text + "\r\n")
    }

    func body(_ bytes: ByteBuffer) -> ByteBuffer {
        guard hasBody, bytes.readableBytes > 0 else { return ByteBuffer() }
        guard isChunked else { return bytes }
        var chunk = ByteBuffer(string: String(bytes.readableBytes, radix: 16) + "\r\n")
        chunk.writeImmutableBuffer(bytes)
        chunk.writeString("\r\n")
        return chunk
    }

    func end() -> ByteBuffer {
        hasBody && isChunked ? ByteBuffer(string: "0\r\n\r\n") : ByteBuffer()
    }

    /// A complete answer of the proxy's own, after which it closes.
    static func complete(status: Int, message: String) -> ByteBuffer {
        let status = HTTPResponseStatus(statusCode: status)
        let body = "{\"error\":\"\(message)\"}\n"
        return ByteBuffer(
            string: """
                HTTP/1.1 \(status.code) \(status.reasonPhrase)\r
                content-type: application/json\r
                content-length: \(body.utf8.count)\r
                connection: close\r
                \r
                \(body)
                """)
    }
}
