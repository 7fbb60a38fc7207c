import DaemonAPI
import Foundation
import HTTPExchange
import TestSupport
import Testing

@Suite("Client of the daemon")
struct DaemonClientTests {
    private static let status = """
        {"version":"1","broker_url":"https://b","provider":{"issuer":"https://i","client_id":"c","scopes":["openid"]},
        "sign_in":{"state":"sign_in_required"},"listeners":[],"roles":[]}
        """

    /// The error of a status call at `path`; fails the test if there is none.
    private func error(at path: String) async throws -> DaemonClientError? {
        try await withClient(at: path) { client in
            do throws(DaemonClientError) {
                _ = try await client.status()
                return nil
            } catch {
                return error
            }
        }
    }

    private func withClient<Value>(at path: String, _ body: (DaemonClient) async throws -> Value) async throws -> Value
    {
        let http = HTTPClient()
        let client = DaemonClient(exchange: HTTPExchange(http: http, timeout: .seconds(60)), socketPath: path)
        do {
            let value = try await body(client)
            await http.shutdown()
            return value
        } catch {
            await http.shutdown()
            throw error
        }
    }

    /// Runs `body` with the path of a socket of that name, in a folder of its own, and the server there: it gives each
    /// request that answer, and then hangs up.
    private func withServer<Value>(
        _ answer: String, name: String = "s", _ body: (String, RawServer) async throws -> Value
    ) async throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appending(path: "raw-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.path + "/" + name
        return try await RawServer.running(at: .unix(path)) { _ in
            .end(after: answer)
        } _: { server in
            try await body(path, server)
        }
    }

    @Test("The bytes of the answer are read from a socket of any name, and the request is as the contract says")
    func reads() async throws {
        try await withServer(Self.response(200, Self.status), name: "a b%é.sock") { path, server in
            let status = try await withClient(at: path) { try await $0.status() }
            #expect(status.brokerURL == "https://b")
            #expect(status.signIn.state == .signInRequired)
            let lines = server.received.split(separator: "\r\n").map { $0.lowercased() }
            #expect(lines.first == "get /v1/status http/1.1")
            #expect(lines.contains("host: localhost"))
        }
    }

    @Test("A sign-in is sent whole, and an empty answer is success")
    func signsIn() async throws {
        try await withServer("HTTP/1.1 204 No Content\r\n\r\n") { path, server in
            try await withClient(at: path) { client in
                try await client.signIn(SignIn(issuer: "i", clientID: "c", idToken: "t", refreshToken: nil))
            }
            #expect(server.received.hasPrefix("PUT /v1/sign-in HTTP/1.1\r\n"))
            let body = try #require(server.received.split(separator: "\r\n\r\n").last)
            let fields = try JSONDecoder().decode([String: String].self, from: Data(body.utf8))
            #expect(fields == ["issuer": "i", "client_id": "c", "id_token": "t"])
        }
    }

    @Test("Where no daemon is, the error names the path and what to look at")
    func unreachable() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "no-daemon-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "file").path
        try Data().write(to: URL(filePath: file))
        let tooLong = folder.path + "/" + String(repeating: "x", count: 200)
        for path in ["/nonexistent/control.sock", file, folder.path, tooLong, ""] {
            let error = try await error(at: path)
            guard case .unreachable(path, _)? = error else {
                Issue.record("\(path): \(String(describing: error))")
                continue
            }
            let text = error?.description ?? ""
            #expect(
                (path.isEmpty || text.contains(path)) && text.contains("Is stsbrokerd running?")
                    && !text.contains("\n"), "\(text)")
        }
    }

    @Test(
        "An answer that is not the daemon's is not understood",
        arguments: [
            response(200, "{}"), response(200, "<html>"), response(500, "oops"), response(403, #"{"error":1}"#),
            response(302, ""), response(204, ""),
        ])
    func notUnderstood(answer: String) async throws {
        let error = try await withServer(answer) { path, _ in try await self.error(at: path) }
        #expect(error == .unusableAnswer)
    }

    @Test(
        "What doesn't speak HTTP, or hangs up, is no daemon",
        arguments: ["garbage\r\n\r\n", "", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"])
    func noHTTP(answer: String) async throws {
        let error = try await withServer(answer) { path, _ in try await self.error(at: path) }
        guard case .unreachable? = error else {
            Issue.record("not unreachable")
            return
        }
    }

    @Test(
        "A refusal is the daemon's own sentence, kept from breaking lines",
        arguments: [400, 401, 403, 404, 405, 413, 503])
    func refused(status: Int) async throws {
        let answer = Self.response(status, #"{"code":"SomeCode","message":"Do\nthis."}"#)
        let error = try await withServer(answer) { path, _ in try await self.error(at: path) }
        #expect(error == .refused(DaemonError(code: "SomeCode", message: "Do\nthis.")))
        #expect(error?.description == "Do this.")
    }

    private static func response(_ status: Int, _ body: String) -> String {
        "HTTP/1.1 \(status) X\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }
}
