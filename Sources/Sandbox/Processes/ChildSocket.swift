import AsyncHTTPClient
import DaemonAPI
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// HTTP over the Unix sockets of the sandbox's children.
struct ChildSocket: Sendable {
    let path: String

    /// Whether `GET path` answers 200.
    func isHealthy(at path: String) async -> Bool {
        let request = HTTPClientRequest(url: url(path))
        guard let response = try? await HTTPClient.shared.execute(request, timeout: .seconds(2)) else { return false }
        _ = try? await response.body.collect(upTo: 65536)
        return response.status == .ok
    }

    /// `GET /v1/status` of the daemon, or nothing while it does not answer.
    func daemonStatus() async -> DaemonStatus? {
        let request = HTTPClientRequest(url: url("/v1/status"))
        guard let response = try? await HTTPClient.shared.execute(request, timeout: .seconds(2)),
            response.status == .ok, let body = try? await response.body.collect(upTo: 1_048_576)
        else { return nil }
        return try? JSONDecoder().decode(DaemonStatus.self, from: Data(body.readableBytesView))
    }

    /// `PUT /v1/sign-in` of the daemon. Returns what is wrong, or nothing.
    func signIn(_ signIn: SignIn) async throws -> String? {
        var request = HTTPClientRequest(url: url("/v1/sign-in"))
        request.method = .PUT
        request.headers.add(name: "content-type", value: "application/json")
        request.body = .bytes(Array(try JSONEncoder().encode(signIn)))
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
        let body = try await response.body.collect(upTo: 65536)
        guard !(200...299).contains(response.status.code) else { return nil }
        return "the sign-in was refused with status \(response.status.code): \(String(buffer: body).prefix(500))"
    }

    private func url(_ resource: String) -> String {
        "http+unix://\(PercentEncoding.encoded(path))\(resource)"
    }
}
