import CallerIdentity
import Credentials
import DaemonAPI
import Foundation
import Glibc
import HTTPExchange
import MetadataServer
import NIOPosix
import OIDC
import TestSupport
import Testing

@testable import Daemon

@Suite("Control socket")
struct ControlListenerTests {
    private let time = ManualTime()
    private let provider = FakeProvider()

    /// Serves the control socket to this process's own user while `body` runs.
    private func serving(
        callers: String = "- {user: \(geteuid()), roles: [readonly]}",
        _ body: (String, BoundControl) async throws -> Void
    ) async throws {
        try await TemporaryFolder.with { folder in
            let time = time
            let settings = try Sample.settings(Sample.configuration(callers: callers))
            let signIns = SignInStore(provider: provider, now: { time.now }, logger: Sample.quiet)
            let service = ControlService(
                settings: CurrentSettings(settings), callers: CallerState(), signIns: signIns, cache: Sample.cache(),
                tokenFiles: TokenFiles(directory: folder.file("t"), tokens: ContainerTokens()), listeners: { [] },
                logger: Sample.quiet, now: { time.now })
            let path = folder.file("control.sock")
            let file = try UnixSocketFile(listener: "control", path: path, mode: 0o600)
            let control = try await ControlListener(service: service, resolver: CallerResolver(), logger: Sample.quiet)
                .listen(on: file, of: MultiThreadedEventLoopGroup.singleton)
            do {
                try await body(path, control)
            } catch {
                await control.close(within: .zero)
                throw error
            }
            await control.close(within: .zero)
            #expect(access(path, F_OK) != 0)
        }
    }

    private func withClient(at path: String, _ body: (DaemonClient) async throws -> Void) async throws {
        let http = HTTPClient()
        do {
            try await body(DaemonClient(exchange: HTTPExchange(http: http, timeout: .seconds(60)), socketPath: path))
        } catch {
            await http.shutdown()
            throw error
        }
        await http.shutdown()
    }

    private func signIn(lasting seconds: TimeInterval = 3600) -> SignIn {
        SignIn(
            issuer: Sample.issuer, clientID: "stsbroker",
            idToken: Sample.idToken(expiring: time.now.addingTimeInterval(seconds)).revealed(), refreshToken: "r")
    }

    @Test("The client's verbs work from sign-in to sign-out")
    func verbs() async throws {
        try await serving { path, _ in
            try await withClient(at: path) { client in
                #expect(try await client.status().signIn.state == .signInRequired)
                await #expect(throws: DaemonClientError.self) { _ = try await client.idToken() }
                try await client.signIn(signIn())
                #expect(try await client.status().signIn.state == .signedIn)
                #expect(try await client.idToken().idToken == signIn().idToken)
                try await client.signOut()
                #expect(try await client.status().signIn.state == .signInRequired)
                var wrong = signIn()
                wrong.issuer = "https://other.example"
                do {
                    try await client.signIn(wrong)
                    Issue.record("taken")
                } catch DaemonClientError.refused(let error) {
                    #expect(error.code == "WrongIdentityProvider")
                }
            }
        }
    }

    @Test("The connection's user decides")
    func otherUser() async throws {
        try await serving(callers: "- {user: 54321, roles: [readonly]}") { path, _ in
            try await withClient(at: path) { client in
                do {
                    _ = try await client.status()
                    Issue.record("answered")
                } catch DaemonClientError.refused(let error) {
                    #expect(error.code == "CallerNotAllowed")
                }
            }
        }
    }

    @Test("The socket file has the mode that was asked for")
    func mode() async throws {
        try await serving { path, _ in
            var facts = stat()
            #expect(lstat(path, &facts) == 0)
            #expect(facts.st_mode & S_IFMT == S_IFSOCK)
            #expect(facts.st_mode & 0o777 == 0o600)
        }
    }

    @Test(
        "What a browser or a proxy adds is refused",
        arguments: [
            "Origin: null", "referer: x", "X-Forwarded-For:", "Forwarded: for=x", "Via: 1.1 x", "Sec-Fetch-Site: none",
        ])
    func browsers(header: String) async throws {
        try await serving { path, _ in
            let text = try await RawClient.exchange(
                "GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\(header)\r\nConnection: close\r\n\r\n", with: path)
            #expect(text.hasPrefix("HTTP/1.1 403 "))
            #expect(text.contains(#""code":"CallerNotAllowed""#))
        }
    }

    @Test("Pipelined requests are answered in their order, HEAD without a body, and the query is nobody's business")
    func pipelined() async throws {
        try await serving { path, _ in
            let text = try await RawClient.exchange(
                "GET /v1/status?x=y HTTP/1.1\r\nHost: a\r\n\r\n"
                    + "HEAD /v1/nothing HTTP/1.1\r\nHost: a\r\n\r\n"
                    + "POST /v1/status HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
                    + "GET /v1/id-token HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                    + "GET /v1/status HTTP/1.1\r\nHost: a\r\n\r\n",
                with: path)
            let statuses = text.matches(of: /HTTP\/1\.1 (\d+)/).map { String($0.output.1) }
            #expect(statuses == ["200", "404", "405", "401"])
            #expect(text.contains("Allow: GET\r\n"))
            // After the head of the answer to HEAD comes the next one.
            #expect(text.contains("\r\n\r\nHTTP/1.1 405 "))
            #expect(text.hasSuffix("run: stsbroker login\"}"))
        }
    }

    @Test("An answer without a body has no length", arguments: ["DELETE"])
    func noContent(method: String) async throws {
        try await serving { path, _ in
            let text = try await RawClient.exchange(
                "\(method) /v1/default-role HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", with: path)
            #expect(text.hasPrefix("HTTP/1.1 204 "))
            #expect(!text.lowercased().contains("content-length"))
            #expect(text.contains("Cache-Control: no-store\r\n"))
        }
    }

    @Test(
        "A body over 128 KiB is refused, one of that length is read",
        arguments: [(131_072, "400"), (131_073, "413"), (3_000_000, "413")])
    func bodies(length: Int, status: String) async throws {
        try await serving { path, _ in
            let text = try await RawClient.exchange(
                "PUT /v1/sign-in HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: \(length)\r\n\r\n"
                    + String(repeating: "x", count: length),
                with: path)
            #expect(text.hasPrefix("HTTP/1.1 \(status) "))
        }
    }

    @Test(
        "Garbage is answered with 400, or with nothing, and the connection is closed",
        arguments: [
            "garbage\r\n\r\n", "GET /v1/status HTTP/9.9\r\n\r\n", "\0\0\0\0\r\n\r\n", "GET /v1/status\r\n\r\n",
            "PUT /v1/sign-in HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
            "PUT /v1/sign-in HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "GET /v1/status HTTP/1.1\r\nA: \(String(repeating: "a", count: 200_000))\r\n\r\n",
            "GET /v1/status HTTP/1.1\r\nHost: a\r\n\r\nGARBAGE\r\n\r\n",
        ])
    func garbage(bytes: String) async throws {
        try await serving { path, _ in
            let text = try await RawClient.exchange(bytes, with: path)
            let statuses = text.matches(of: /HTTP\/1\.[01] (\d+)/).map { String($0.output.1) }
            #expect([[], ["400"], ["200", "400"], ["200"]].contains(statuses), "\(text)")
            // The next one is served.
            try await withClient(at: path) { client in _ = try await client.status() }
        }
    }

    @Test("A client that leaves while its answer is made does no harm")
    func leaves() async throws {
        try await serving { path, _ in
            try await withClient(at: path) { client in
                try await client.signIn(signIn(lasting: 0))
                let raw = try await RawClient.connect(to: path)
                try await raw.send(
                    "GET /v1/id-token HTTP/1.1\r\nHost: a\r\n\r\nGET /v1/status HTTP/1.1\r\nHost: a\r\n\r\n")
                try await provider.asked(1)
                try await raw.close()
                provider.answer(Sample.idToken(expiring: time.now.addingTimeInterval(3600)))
                #expect(try await client.status().signIn.state == .signedIn)
            }
        }
    }

    @Test("A user may hold so many connections, and one more is closed at once")
    func tooMany() async throws {
        try await serving { path, _ in
            var held: [RawClient] = []
            for _ in 0..<ControlConnections.mostPerUser {
                let client = try await RawClient.connect(to: path)
                try await client.send("GET /v1/status HTTP/1.1\r\nHost: a\r\n\r\n")
                try await client.hasReceived()
                held.append(client)
            }
            let request = "GET /v1/status HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            #expect(try await RawClient.exchange(request, with: path) == "")
            try await held.removeLast().send("GET /v1/status HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            for client in held { try await client.close() }
        }
    }

    @Test("When the daemon stops, idle connections are closed, and a request that runs is answered")
    func drains() async throws {
        try await serving { path, control in
            let idle = try await RawClient.connect(to: path)
            try await idle.send("GET /v1/status HTTP/1.1\r\nHost: a\r\n\r\n")
            try await idle.hasReceived()
            try await withClient(at: path) { try await $0.signIn(signIn(lasting: 0)) }
            async let answer = RawClient.exchange("GET /v1/id-token HTTP/1.1\r\nHost: a\r\n\r\n", with: path)
            try await provider.asked(1)
            async let closed: Void = control.close(within: .seconds(600))
            #expect(try await idle.received().hasPrefix("HTTP/1.1 200 "))
            provider.answer(Sample.idToken(expiring: time.now.addingTimeInterval(3600)))
            await closed
            let text = try await answer
            #expect(text.hasPrefix("HTTP/1.1 200 "))
            #expect(text.contains("Connection: close\r\n"))
        }
    }
}
