import Credentials
package import FoundationEssentials
package import NIOCore
import NIOHTTP1

extension MetadataResponse {
    /// An upper bound for the written length, so that the buffer is allocated once.
    var lengthHint: Int {
        512 + bodyLength
    }

    /// Writes status line, fields and, unless the request was a HEAD, the body. The Content-Length is that of the body
    /// in both cases (RFC 9110 §9.3.2).
    package func write(into buffer: inout ByteBuffer, now: Date, omitsBody: Bool, keepsAlive: Bool) {
        writeStatus(into: &buffer)
        buffer.writeStaticString(
            contentType == .json ? "\r\nContent-Type: application/json" : "\r\nContent-Type: text/plain")
        writeOrigin(into: &buffer, now: now)
        buffer.writeStaticString("\r\nContent-Length: ")
        buffer.writeString(String(bodyLength))
        writeConditions(into: &buffer)
        buffer.writeStaticString(keepsAlive ? "\r\nConnection: keep-alive\r\n\r\n" : "\r\nConnection: close\r\n\r\n")
        if !omitsBody { writeBody(into: &buffer) }
    }

    private var bodyLength: Int {
        switch body {
        case .text(let text): text.utf8.count
        case .secret(let secret): secret.count
        }
    }

    private func writeStatus(into buffer: inout ByteBuffer) {
        if case .ok = status {
            buffer.writeStaticString("HTTP/1.1 200 OK")
        } else {
            buffer.writeString("HTTP/1.1 \(status.code) \(status.reasonPhrase)")
        }
    }

    private func writeOrigin(into buffer: inout ByteBuffer, now: Date) {
        if imitatesInstance { buffer.writeStaticString("\r\nAccept-Ranges: none") }
        if let lastModified {
            buffer.writeStaticString("\r\nLast-Modified: ")
            HTTPDate.write(lastModified, into: &buffer)
        }
        buffer.writeStaticString("\r\nDate: ")
        HTTPDate.write(now, into: &buffer)
        buffer.writeStaticString(imitatesInstance ? "\r\nServer: EC2ws" : "\r\nServer: stsbrokerd")
    }

    private func writeConditions(into buffer: inout ByteBuffer) {
        if case .secret = body { buffer.writeStaticString("\r\nCache-Control: no-store") }
        if let tokenLifetime {
            buffer.writeStaticString("\r\nX-Aws-Ec2-Metadata-Token-Ttl-Seconds: ")
            buffer.writeString(String(tokenLifetime))
        }
        if let allow {
            buffer.writeStaticString("\r\nAllow: ")
            buffer.writeString(allow)
        }
        if let retryAfter {
            buffer.writeStaticString("\r\nRetry-After: ")
            buffer.writeString(String(retryAfter))
        }
    }

    private func writeBody(into buffer: inout ByteBuffer) {
        switch body {
        case .text(let text): buffer.writeString(text)
        case .secret(let secret): secret.withBytes { _ = buffer.writeBytes($0) }
        }
    }
}
