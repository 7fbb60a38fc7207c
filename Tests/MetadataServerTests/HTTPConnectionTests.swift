import CallerIdentity
import CredentialCache
import Credentials
import FoundationEssentials
import NIOCore
import TestSupport
import Testing

@testable import MetadataServer

/// An answer as a client reads it.
struct WireResponse {
    let status: Int
    let headers: [String: String]
    let body: String

    enum Malformed: Error {
        case statusLine(String), header(String), unfinishedHead, body(String)
    }

    /// All answers in `text`, each checked for form. The body may be missing (HEAD) if another answer or the end follows.
    static func all(in text: String) throws -> [WireResponse] {
        var rest = Array(text.utf8)[...]
        var responses: [WireResponse] = []
        while !rest.isEmpty {
            guard let end = rest.indices.dropLast(3).first(where: { Array(rest[$0..<$0 + 4]) == [13, 10, 13, 10] })
            else {
                throw Malformed.unfinishedHead
            }
            let lines = String(decoding: rest[..<end], as: UTF8.self).split(
                separator: "\r\n", omittingEmptySubsequences: false)
            rest = rest[(end + 4)...]
            let line = lines[0].split(separator: " ", maxSplits: 2)
            guard line.count == 3, line[0] == "HTTP/1.1", line[1].count == 3, let status = Int(line[1]),
                (200...599).contains(status)
            else { throw Malformed.statusLine(String(lines[0])) }
            var headers: [String: String] = [:]
            for line in lines.dropFirst() {
                let parts = line.split(separator: ": ", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2, headers.updateValue(String(parts[1]), forKey: parts[0].lowercased()) == nil
                else {
                    throw Malformed.header(String(line))
                }
            }
            guard let length = headers["content-length"].flatMap({ Int($0) }), length > 0,
                headers["date"]?.hasSuffix(" GMT") == true
            else {
                throw Malformed.header("\(headers)")
            }
            var body = ""
            if !rest.isEmpty, !rest.starts(with: "HTTP/1.1 ".utf8) {
                guard rest.count >= length else { throw Malformed.body("\(rest.count) of \(length)") }
                body = String(decoding: rest.prefix(length), as: UTF8.self)
                rest = rest.dropFirst(length)
            }
            responses.append(WireResponse(status: status, headers: headers, body: body))
        }
        return responses
    }
}

@Suite("HTTPConnection")
struct HTTPConnectionTests {
    @Test("A connection is kept alive for request after request")
    func keepAlive() throws {
        let connection = TestConnection()
        for _ in 0..<3 {
            connection.send(connection.get("/"))
            let response = try #require(try connection.responses().first)
            #expect(response.status == 200)
            #expect(response.headers["connection"] == "keep-alive")
            #expect(response.headers["content-type"] == "application/json")
            #expect(response.headers["cache-control"] == "no-store")
            #expect(response.headers["date"] == "Thu, 01 Jan 2026 00:00:00 GMT")
            #expect(response.body.contains(Fixture.secret))
        }
        #expect(connection.isOpen)
    }

    @Test("IMDS answers look like the real service's")
    func instanceHeaders() throws {
        let connection = TestConnection(face: .instanceMetadata)
        connection.send(
            "PUT /latest/api/token HTTP/1.1\r\nhost: 127.0.0.1\r\nx-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n")
        let token = try #require(try connection.responses().first)
        #expect(token.headers["x-aws-ec2-metadata-token-ttl-seconds"] == "60")
        #expect(token.headers["content-type"] == "text/plain")
        connection.send(
            "GET /latest/meta-data/iam/security-credentials/developer HTTP/1.1\r\nhost: 127.0.0.1\r\n"
                + "X-aws-ec2-metadata-token: \(token.body)\r\n\r\n")
        let response = try #require(try connection.responses().first)
        #expect(response.status == 200)
        #expect(response.headers["server"] == "EC2ws")
        #expect(response.headers["accept-ranges"] == "none")
        #expect(response.headers["last-modified"] == "Wed, 31 Dec 2025 23:59:00 GMT")
        #expect(response.headers["cache-control"] == "no-store")
        #expect(response.headers["x-aws-ec2-metadata-token-ttl-seconds"] == "60")
    }

    @Test("Pipelined requests are answered in order, each in a turn of its own")
    func pipelining() throws {
        let connection = TestConnection()
        connection.send(connection.get("/") + connection.get("/nothing") + connection.get("/role/developer"))
        #expect(try connection.responses().map(\.status) == [200, 404, 200])
        #expect(connection.furtherTurns == 2)
    }

    @Test("A request may arrive byte by byte")
    func byteByByte() throws {
        let connection = TestConnection()
        for byte in connection.get("/").utf8 { connection.send([byte]) }
        #expect(try connection.responses().map(\.status) == [200])
    }

    @Test("HEAD has the length and not the body, and what follows is not disturbed")
    func head() throws {
        let connection = TestConnection()
        connection.send(connection.get("/", method: "HEAD") + connection.get("/"))
        let responses = try connection.responses()
        try #require(responses.count == 2)
        #expect(responses[0].body.isEmpty)
        #expect(responses[0].headers["content-length"] == responses[1].headers["content-length"])
        #expect(responses[1].body.utf8.count == Int(responses[1].headers["content-length"] ?? ""))
    }

    @Test(
        "However a PUT is framed, the connection goes on",
        arguments: [
            "\r\n", "Content-Length: 0\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "Content-Length: 5\r\n\r\nhello",
            "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        ])
    func framing(end: String) throws {
        let connection = TestConnection(face: .instanceMetadata)
        let put =
            "PUT /latest/api/token HTTP/1.1\r\nHost: 127.0.0.1\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n" + end
        connection.send(put + put)
        #expect(try connection.responses().map(\.status) == [200, 200])
        #expect(connection.isOpen)
    }

    @Test("A body over 16 KiB is a 413 and the end", arguments: [true, false])
    func largeBody(isChunked: Bool) throws {
        let connection = TestConnection()
        let body = String(repeating: "x", count: 17000)
        let framing = isChunked ? "Transfer-Encoding: chunked\r\n" : "Content-Length: 17000\r\n"
        connection.send(
            connection.get("/", method: "PUT", extra: framing) + (isChunked ? "4268\r\n\(body)\r\n0\r\n\r\n" : body))
        #expect(try connection.responses().map(\.status) == [413])
        #expect(!connection.isOpen)
    }

    @Test(
        "HTTP/1.0 and Connection: close end the connection, HTTP/1.0 with keep-alive does not",
        arguments: [
            ("1.0", "", false), ("1.1", "Connection: close\r\n", false), ("1.0", "Connection: keep-alive\r\n", true),
            ("1.1", "Connection: upgrade\r\nUpgrade: websocket\r\n", false),
        ])
    func persistence(version: String, extra: String, isKept: Bool) throws {
        let connection = TestConnection()
        connection.send(connection.get("/", version: version, extra: extra))
        let response = try #require(try connection.responses().first)
        #expect(response.status == 200)
        #expect(response.headers["connection"] == (isKept ? "keep-alive" : "close"))
        #expect(connection.isOpen == isKept)
    }

    @Test(
        "What is not HTTP is a 400 and the end",
        arguments: [
            "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "GET /\r\n\r\n", "hello\r\n\r\n",
            "GET / HTTP/1.1\r\nHost : 127.0.0.1\r\n\r\n", "GET / HTTP/1.1\r\n: x\r\n\r\n",
            "PUT / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
            "PUT / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n",
        ])
    func malformed(text: String) throws {
        let connection = TestConnection()
        connection.send(text)
        let responses = try connection.responses()
        #expect(responses.map(\.status) == [400])
        #expect(responses.first?.headers["connection"] == "close")
        #expect(!connection.isOpen)
    }

    @Test("Header fields beyond the limits are a 431 and the end")
    func headerLimits() throws {
        let long = String(repeating: "x", count: 9000)
        let many = (0..<65).map { "X-\($0): y\r\n" }.joined()
        let large = (0..<8).map { "X-\($0): \(long.prefix(5000))\r\n" }.joined()
        for extra in ["X: \(long)\r\n", many, large] {
            let connection = TestConnection()
            connection.send(connection.get("/", extra: extra))
            #expect(try connection.responses().map(\.status) == [431])
            #expect(!connection.isOpen)
        }
    }

    @Test("A request that trickles in is cut off after the time limit, an idle connection is not")
    func slowRequest() throws {
        let slow = TestConnection()
        let idle = TestConnection()
        slow.send("GET / HTTP/1.1\r\nHost: ")
        for _ in 0..<4 {
            slow.advance(by: .seconds(2))
            slow.send("1")
        }
        #expect(slow.isOpen)
        slow.advance(by: .seconds(2))
        #expect(try slow.responses().map(\.status) == [408])
        #expect(!slow.isOpen)
        idle.advance(by: .seconds(599))
        idle.send(idle.get("/"))
        idle.advance(by: .seconds(599))
        #expect(try idle.responses().map(\.status) == [200])
        #expect(idle.isOpen)
        idle.advance(by: .seconds(1))
        #expect(!idle.isOpen)
    }

    @Test("A request that finds nothing waits, and is answered as soon as the attempt ends")
    func waiting() throws {
        let connection = TestConnection()
        connection.fixture.source.set(.fetching, for: "developer")
        connection.send(connection.get("/") + connection.get("/nothing"))
        connection.advance(by: .milliseconds(799))
        #expect(connection.received().isEmpty)
        connection.fixture.source.set(.usable(Fixture.prepared()), for: "developer")
        connection.fixture.source.endAttempt("developer")
        connection.deliverAttempts()
        #expect(try connection.responses().map(\.status) == [200, 404])
        connection.advance(by: .seconds(5))
        #expect(connection.received().isEmpty)
        #expect(connection.isOpen)
    }

    @Test(
        "A request that comes shortly before its connection would end, and waits, is answered, and the connection kept")
    func waitingAtTheEndOfIdleness() throws {
        let connection = TestConnection()
        connection.fixture.source.set(.fetching, for: "developer")
        connection.advance(by: .milliseconds(599_500))
        connection.send(connection.get("/"))
        connection.advance(by: .seconds(599))
        #expect(try connection.responses().map(\.status) == [503])
        #expect(connection.isOpen)
    }

    @Test("What was answered is not kept, though no read ends where a request does")
    func interruptedPipelining() throws {
        let connection = TestConnection()
        connection.send("GET /v1/cre")
        for _ in 0..<10_000 {
            connection.send(
                "dentials HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nX: \(String(repeating: "x", count: 1000))\r\n\r\nGET /v1/cre"
            )
        }
        #expect(try connection.responses().count == 10_000)
        #expect(connection.keptBytes <= 16384)
    }

    @Test("After 800 ms it is a 503, and the attempt's late end disturbs nothing")
    func impatience() throws {
        let connection = TestConnection()
        connection.fixture.source.set(.fetching, for: "developer")
        connection.send(connection.get("/"))
        connection.advance(by: .milliseconds(800))
        let response = try #require(try connection.responses().first)
        #expect(response.status == 503)
        #expect(response.headers["retry-after"] == "1")
        connection.send(connection.get("/"))
        #expect(connection.fixture.source.waiterCount == 2)
        connection.fixture.source.endAttempt("developer")
        connection.deliverAttempts()
        #expect(try connection.responses().map(\.status) == [503])
    }

    @Test("A client that goes away while it waits leaves nothing behind")
    func droppedWhileWaiting() throws {
        let connection = TestConnection()
        connection.fixture.source.set(.fetching, for: "developer")
        connection.send(connection.get("/"))
        connection.close()
        connection.fixture.source.endAttempt("developer")
        connection.advance(by: .seconds(5))
        #expect(connection.received().isEmpty)
    }

    @Test("A malformed request behind a waiting one is refused in its turn")
    func malformedBehindWaiting() throws {
        let connection = TestConnection()
        connection.fixture.source.set(.fetching, for: "developer")
        connection.send(connection.get("/") + "nonsense\r\n\r\n")
        #expect(connection.received().isEmpty)
        connection.advance(by: .milliseconds(800))
        #expect(try connection.responses().map(\.status) == [503, 400])
        #expect(!connection.isOpen)
    }

    @Test("Draining ends an idle connection in a moment, and one that asks until then, or waits, after its answer")
    func draining() throws {
        let idle = TestConnection()
        idle.drain()
        #expect(idle.isOpen)
        idle.advance(by: HTTPConnection.drainLinger)
        #expect(!idle.isOpen)
        let slow = TestConnection()
        slow.send(slow.get("/"))
        slow.drain()
        slow.advance(by: HTTPConnection.drainLinger)
        #expect(!slow.isOpen && !slow.hasLostAnswer)
        let late = TestConnection()
        late.drain()
        late.send(late.get("/"))
        #expect(try late.responses().map { $0.headers["connection"] } == ["close"])
        #expect(!late.isOpen)
        let busy = TestConnection()
        busy.fixture.source.set(.fetching, for: "developer")
        busy.send(busy.get("/"))
        busy.drain()
        #expect(busy.isOpen)
        busy.advance(by: .milliseconds(800))
        #expect(try busy.responses().map { $0.headers["connection"] } == ["close"])
        #expect(!busy.isOpen)
    }

    @Test("Each 404 is logged with its path, a refused caller once, and never a query or a token")
    func logging() throws {
        let records = LogLines()
        let connection = TestConnection(logger: records.logger)
        connection.send(connection.get("/no%0Athing?token=hidden"))
        connection.send(connection.get("/" + String(repeating: "a", count: 1000)))
        let refused = TestConnection(caller: .failure(.noSuchSocket), logger: records.logger)
        for _ in 0..<3 { refused.send(refused.get("/")) }
        let lines = records.lines
        #expect(lines.count == 3)
        #expect(lines.first?.contains("info path not found") == true)
        #expect(lines.first?.contains("/no%0Athing") == true)
        #expect(lines.dropFirst().first?.count ?? .max < 300)
        #expect(lines.last?.contains("warning caller refused") == true)
        let token = connection.fixture.tokens.token(forUser: 1000).revealed()
        #expect(!lines.contains { $0.contains("hidden") || $0.contains(token) || $0.contains(Fixture.secret) })
    }

    @Test("A user who asks too often gets 429 with the time to wait, and keeps the connection")
    func tooManyRequests() throws {
        let connection = TestConnection(Fixture(), requestsPerSecond: 1)
        for _ in 0..<7 { connection.send(connection.get("/role/developer")) }
        let responses = try connection.responses()
        #expect(responses.map(\.status) == [200, 200, 200, 200, 200, 429, 429])
        let last = try #require(responses.last)
        #expect(last.headers["retry-after"] == "1")
        #expect(last.body.contains("TooManyRequests"))
        #expect(connection.isOpen)
    }

}
