import NIOCore
import TestSupport
import Testing

@testable import MetadataServer

@Suite("RequestParser")
struct RequestParserTests {
    /// All requests in `text`, which comes in pieces of `size` bytes, and the error that ended it.
    private func parsed(_ text: String, inPiecesOf size: Int = .max) -> ([MetadataRequest], MetadataError?) {
        var parser = RequestParser()
        var unread = ByteBuffer()
        var requests: [MetadataRequest] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            unread.writeBytes(rest.prefix(size))
            rest = rest.dropFirst(size)
            do throws(MetadataError) {
                while let request = try parser.next(from: &unread) { requests.append(request) }
            } catch {
                return (requests, error)
            }
        }
        return (requests, nil)
    }

    /// The only request in `head`, which gets its last empty line here.
    private func request(_ head: String) throws -> MetadataRequest {
        let (requests, error) = parsed(head + "\r\n\r\n")
        #expect(error == nil && requests.count == 1, "\(head.debugDescription): \(String(describing: error))")
        return try #require(requests.first)
    }

    @Test("Whatever an answer depends on is read", arguments: [1, 2, 7, .max])
    func fields(size: Int) throws {
        let text =
            "PUT /latest/api/token?x=1 HTTP/1.1\r\nHOST:127.0.0.1\r\nx-AWS-ec2-metadata-token:\t a b \t\r\n"
            + "X-aws-ec2-metadata-token-ttl-seconds: 60\r\nAuthorization:\r\nUser-Agent: curl/8\r\nAccept: */*\r\n\r\n"
        let (requests, error) = parsed(text, inPiecesOf: size)
        #expect(error == nil)
        let request = try #require(requests.first)
        #expect(requests.count == 1)
        #expect(request.method == .put && request.target == "/latest/api/token?x=1")
        #expect(request.host == .value("127.0.0.1") && request.sessionToken == .value("a b"))
        #expect(request.sessionTokenTTL == .value("60") && request.authorization == .value(""))
        #expect(request.userAgent == "curl/8" && request.keepsAlive && request.needsHost)
        #expect(!request.isForwarded && !request.isFromBrowser)
    }

    @Test("A method that nobody knows is a method all the same", arguments: ["get", "BREW", "M-SEARCH", "G!T"])
    func methods(name: String) throws {
        #expect(try request("\(name) / HTTP/1.1").method == .other)
    }

    @Test("What is sent again is read as it is, and what only begins like it is not taken for it")
    func repetition() {
        let get = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
        let longer = "GET /a HTTP/1.1\r\nHost: x\r\nVia: y\r\n\r\n"
        let (requests, error) = parsed(get + get + longer + get + longer)
        #expect(error == nil)
        #expect(requests.map(\.isForwarded) == [false, false, true, false, true])
        #expect(requests.allSatisfy { $0.target == "/a" && $0.host == .value("x") })
    }

    @Test("A body that looks like the head before it is a body")
    func bodyLikeHead() {
        let get = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
        let put = "PUT /b HTTP/1.1\r\nContent-Length: \(get.utf8.count)\r\n\r\n"
        for size in [1, put.utf8.count, put.utf8.count + get.utf8.count, .max] {
            let (requests, error) = parsed(put + get + put + get + get, inPiecesOf: size)
            #expect(error == nil)
            #expect(requests.map(\.target) == ["/b", "/b", "/a"])
        }
    }

    @Test(
        "Whether another request may follow",
        arguments: [
            ("1.1", "", true), ("1.1", "\r\nConnection: keep-alive", true), ("1.1", "\r\nConnection: x, Close", false),
            ("1.1", "\r\nConnection: closed", true), ("1.1", "\r\nUpgrade: h2c", false), ("1.0", "", false),
            ("1.0", "\r\nConnection: Keep-Alive", true), ("1.0", "\r\nConnection: keep-alive, close", false),
            ("1.1", "\r\nConnection: ,,\r\nConnection: close", false),
        ])
    func persistence(version: String, fields: String, isKept: Bool) throws {
        #expect(try request("GET / HTTP/\(version)\(fields)").keepsAlive == isKept)
    }

    @Test(
        "Bodies are passed over, however they are framed",
        arguments: [
            "Content-Length: 0\r\n\r\n", "Content-Length: 007\r\n\r\n1234567",
            "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n00\r\nTrailer: 1\r\n\r\n",
        ])
    func bodies(rest: String) {
        for size in [1, 3, .max] {
            let put = "PUT /b HTTP/1.1\r\n" + rest
            let (requests, error) = parsed("\r\n" + put + "\r\n\r\n" + put, inPiecesOf: size)
            #expect(error == nil)
            #expect(requests.map(\.target) == ["/b", "/b"])
        }
    }

    @Test(
        "What is only nearly HTTP is refused as soon as its line has ended",
        arguments: [
            "GET /\r\n", " GET / HTTP/1.1\r\n", "GET  / HTTP/1.1\r\n", "GET / HTTP/1.1 \r\n", "GET /a b HTTP/1.1\r\n",
            "GET / http/1.1\r\n", "GET / HTTP/1.2\r\n", "GET / HTTP/2.0\r\n", "GET / HTTP/1.1\n", "\n",
            "G T / HTTP/1.1\r\n",
            "GET /\u{7f} HTTP/1.1\r\n", "GET /é HTTP/1.1\r\n", "GET / HTTP/1.1\r\nA\r\n", "GET / HTTP/1.1\r\nA: b\n",
            "GET / HTTP/1.1\r\n: b\r\n", "GET / HTTP/1.1\r\nA : b\r\n", "GET / HTTP/1.1\r\nA: b\r\n c\r\n",
            "GET / HTTP/1.1\r\nA: b\rc\r\n", "GET / HTTP/1.1\r\nA: b\0\r\n", "GET / HTTP/1.1\r\nÄ: b\r\n",
            "GET / HTTP/1.1\r\nContent-Length: +1\r\n", "GET / HTTP/1.1\r\nContent-Length: 1, 1\r\n",
            "GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n", "GET / HTTP/1.1\r\nContent-Length: \r\n",
            "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n", "GET / HTTP/1.1\r\nContent-Length: 0x1\r\n",
            "GET / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n",
            "GET / HTTP/1.1\r\nTransfer-Encoding: identity\r\n",
            "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n",
            "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
            "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
            "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
            "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3 \r\n",
            "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\r\n",
            "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
        ])
    func malformed(text: String) {
        for size in [1, .max] {
            let (requests, error) = parsed(text, inPiecesOf: size)
            #expect(requests.isEmpty)
            #expect(error == .malformedRequest)
        }
    }

    @Test("Each part has its limit, which is not waited for in vain")
    func limits() {
        let head = "PUT / HTTP/1.1\r\n"
        let chunked = head + "Transfer-Encoding: chunked\r\n\r\n"
        let cases: [(String, MetadataError)] = [
            ("GET /" + String(repeating: "a", count: 9000), .targetTooLong),
            (head + "A: " + String(repeating: "b", count: 9000), .headersTooLarge),
            (head + String(repeating: "A: b\r\n", count: 65), .headersTooLarge),
            (head + String(repeating: "A: \(String(repeating: "b", count: 5000))\r\n", count: 7), .headersTooLarge),
            (head + "Content-Length: 16385\r\n\r\n", .bodyTooLarge), (chunked + "4001\r\n", .bodyTooLarge),
            (chunked + "4000\r\n\(String(repeating: "x", count: 16384))\r\n1\r\n", .bodyTooLarge),
            (chunked + "0\r\n" + String(repeating: "A: b\r\n", count: 70), .headersTooLarge),
            (chunked + "1;" + String(repeating: "x", count: 9000), .malformedRequest),
        ]
        for (text, expected) in cases {
            for size in [100, .max] { #expect(parsed(text, inPiecesOf: size).1 == expected) }
        }
        #expect(parsed(head + String(repeating: "A: b\r\n", count: 64) + "\r\n").0.count == 1)
        #expect(parsed(head + "Content-Length: 16384\r\n\r\n" + String(repeating: "x", count: 16384)).0.count == 1)
    }

    @Test("It is known whether a request has begun and not ended")
    func begun() throws {
        var parser = RequestParser()
        for (text, isInRequest) in [
            ("GE", true), ("T / HTTP/1.1\r\n", true), ("\r\n", false), ("\r\n", false), ("PUT / HTTP/1.1\r\n", true),
        ] {
            var bytes = ByteBuffer(string: text == "T / HTTP/1.1\r\n" ? "GE" + text : text)
            _ = try parser.next(from: &bytes)
            #expect(parser.isInRequest == isInRequest, "\(text.debugDescription)")
        }
    }
}
