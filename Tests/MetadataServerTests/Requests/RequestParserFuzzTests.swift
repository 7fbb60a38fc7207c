import NIOCore
import NIOEmbedded
import NIOHTTP1
import TestSupport
import Testing

@testable import MetadataServer

/// The parser, judged by SwiftNIO's decoder: who reads the same bytes differently can be made to read what was not sent.
@Suite("RequestParser, fuzzed")
struct RequestParserFuzzTests {
    @Test("What is taken for requests is what SwiftNIO takes for the same requests")
    func agreement() throws {
        try FuzzRounds.repeated(3000) { generator in
            var text = ""
            for _ in 0..<Int.random(in: 1...3, using: &generator) { text += Garbage.request(using: &generator) }
            try compare(Array(text.utf8), using: &generator)
        }
    }

    @Test("Mutations of good requests are read as SwiftNIO reads them")
    func mutations() throws {
        let good =
            "GET /a HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\nPUT /b HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"
            + "PUT /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET /a HTTP/1.1\r\nHost: x\r\n\r\n"
        try FuzzRounds.repeated(3000) { generator in
            var bytes = Array(good.utf8)
            for _ in 0..<Int.random(in: 0...3, using: &generator) {
                let place = Int.random(in: bytes.indices, using: &generator)
                switch Int.random(in: 0...2, using: &generator) {
                case 0: bytes[place] = .random(in: 0...127, using: &generator)
                case 1: bytes.remove(at: place)
                default: bytes.insert(bytes.randomElement(using: &generator) ?? 0, at: place)
                }
            }
            try compare(bytes, using: &generator)
        }
    }

    /// Each request that the parser finds must be the judge's, up to the first whose method or form of target the judge may not know.
    /// The judge may find more, as it lets more pass.
    private func compare(_ bytes: [UInt8], using generator: inout SeededGenerator) throws {
        let theirs = try judged(bytes)
        let ours = parsed(bytes, using: &generator).prefix { $0.target.hasPrefix("/") && $0.method != .other }
        let text = String(decoding: bytes, as: UTF8.self).debugDescription
        #expect(ours.count <= theirs.count, "more requests than SwiftNIO finds in \(text)")
        for (one, other) in zip(ours, theirs) {
            #expect(one.method == method(other) && one.target == other.uri, "\(text)")
            #expect(one.needsHost == (other.version == .http1_1), "\(text)")
            #expect(one.host == field("host", of: other), "\(text)")
            #expect(one.authorization == field("authorization", of: other), "\(text)")
            #expect(one.sessionToken == field("x-aws-ec2-metadata-token", of: other), "\(text)")
            let isLast = !other.isKeepAlive || other.headers.contains(name: "upgrade") || other.method == .CONNECT
            #expect(one.keepsAlive == !isLast, "\(text)")
        }
    }

    private func method(_ head: HTTPRequestHead) -> MetadataRequest.Method {
        Array(head.method.rawValue.utf8).withUnsafeBytes { MetadataRequest.Method(FieldText($0)) }
    }

    /// Without the whitespace around it, of which the judge leaves what is behind (RFC 9110 §5.5 takes it away).
    private func field(_ name: String, of head: HTTPRequestHead) -> MetadataRequest.Field {
        let values = head.headers[name].map { value in
            Array(value.utf8).withUnsafeBytes { FieldText($0).trimmed.string }
        }
        return values.count > 1 ? .repeated : values.first.map { .value($0) } ?? .absent
    }

    /// In pieces, until there is an error or a request that is the connection's last.
    private func parsed(_ bytes: [UInt8], using generator: inout SeededGenerator) -> [MetadataRequest] {
        var parser = RequestParser()
        var unread = ByteBuffer()
        var requests: [MetadataRequest] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...rest.count, using: &generator)
            unread.writeBytes(rest.prefix(count))
            rest = rest.dropFirst(count)
            do throws(MetadataError) {
                while let request = try parser.next(from: &unread) {
                    requests.append(request)
                    guard request.keepsAlive else { return requests }
                }
            } catch {
                return requests
            }
        }
        return requests
    }

    /// The heads of the requests that SwiftNIO finds complete.
    private func judged(_ bytes: [UInt8]) throws -> [HTTPRequestHead] {
        let channel = EmbeddedChannel(
            handler: ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
        _ = try? channel.writeInbound(ByteBuffer(bytes: bytes))
        var heads: [HTTPRequestHead] = []
        var head: HTTPRequestHead?
        while let part = try? channel.readInbound(as: HTTPServerRequestPart.self) {
            switch part {
            case .head(let next): head = next
            case .body: continue
            case .end:
                if let head { heads.append(head) }
                head = nil
            }
        }
        _ = try? channel.finish(acceptAlreadyClosed: true)
        return heads
    }
}
