import CredentialCache
import NIOCore
import Testing

@testable import MetadataServer

/// Keeps what it hears.
private final class Hearing: ConnectionObserver {
    private(set) var requests: [AnsweredRequest] = []
    private(set) var closings = 0

    func answered(_ request: AnsweredRequest) { requests.append(request) }
    func closed() { closings += 1 }

    /// Status, outcome and milliseconds of each.
    var lines: [String] {
        requests.map { request in
            let time = request.nanoseconds.map { "\($0 / 1_000_000) ms" } ?? "-"
            switch request.outcome {
            case .told: return "\(request.status) told \(time)"
            case .handedOut(let key, let credentials):
                return "\(request.status) \(key.role) \(credentials.accessKeySuffix) \(time)"
            case .failed(let failure):
                let denial = failure.denial?.rawValue ?? "-"
                return "\(request.status) \(failure.code) \(denial) \(failure.key?.role ?? "-") \(time)"
            }
        }
    }
}

@Suite("What is heard of a connection")
struct RequestObserverTests {
    private let hearing = Hearing()

    @Test("Each answered request is heard once, with its outcome")
    func outcomes() throws {
        let connection = TestConnection(observer: hearing)
        connection.send(connection.get("/role/developer", extra: "User-Agent: aws-cli/2\r\n"))
        connection.send("GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n")
        connection.send(connection.get("/nowhere/at/all"))
        connection.send("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n")
        connection.send("nonsense\r\n\r\n")
        #expect(
            hearing.lines == [
                "200 developer MPLE 0 ms", "401 InvalidAuthorizationToken authorization_missing - 0 ms",
                "404 NotFound - - 0 ms", "403 CallerNotAllowed foreign_host - 0 ms", "400 InvalidRequest - - -",
            ])
        #expect(hearing.requests.map(\.userAgent) == ["aws-cli/2", "", "", "", ""])
        #expect(hearing.closings == 1)
    }

    @Test("A request that waits is timed from its end to its answer, and so are those behind it")
    func waiting() throws {
        let connection = TestConnection(observer: hearing)
        connection.send(connection.get("/role/auditor") + connection.get("/role/developer"))
        #expect(hearing.lines.isEmpty)
        connection.advance(by: .milliseconds(300))
        connection.fixture.source.set(.unavailable(.signInRequired, retryAfter: nil), for: "auditor")
        connection.fixture.source.endAttempt("auditor")
        connection.deliverAttempts()
        #expect(hearing.lines == ["403 SignInRequired - auditor 300 ms", "200 developer MPLE 300 ms"])
    }

    @Test("IMDS tells what it hands out, and nothing of the rest")
    func instanceMetadata() throws {
        let connection = TestConnection(face: .instanceMetadata, observer: hearing)
        connection.send(
            "PUT /latest/api/token HTTP/1.1\r\nhost: 127.0.0.1\r\nx-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n")
        let token = try #require(try connection.responses().first).body
        for path in [
            "/latest/meta-data/iam/security-credentials/", "/latest/meta-data/iam/security-credentials/developer",
        ] {
            connection.send("GET \(path) HTTP/1.1\r\nhost: 127.0.0.1\r\nX-aws-ec2-metadata-token: \(token)\r\n\r\n")
        }
        #expect(hearing.lines == ["200 told 0 ms", "200 told 0 ms", "200 developer MPLE 0 ms"])
    }
}
