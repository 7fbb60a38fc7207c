import Credentials
import DaemonAPI
import FoundationEssentials
import HTTPExchange
import Synchronization
import TestSupport
import Testing

@testable import Commands

/// How `stsbroker` gets a role's credentials while the daemon is fetching them.
@Suite(.timeLimit(.minutes(5))) struct RoleCredentialsTests {
    private static let role = RoleStatus(name: "dev", policy: "dev", isDefault: true, state: "idle")
    private static let served =
        #"{"AccessKeyId":"ASIA1","SecretAccessKey":"s","Token":"t","Expiration":"2027-01-01T00:00:00Z"}"#
    private static let waiting = #"{"code":"BrokerUnreachable","message":"The broker has not answered yet."}"#

    private static func answer(_ status: Int, _ body: String) -> String {
        "HTTP/1.1 \(status) X\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    /// What `fetch` ends with where the daemon gives `answers` one after the other, the last one again and again, and says after each of
    /// them that the role is in that state; `asked` is how often credentials were asked for.
    private func fetch(
        _ answers: [(text: String, stateAfter: String)]
    ) async throws -> (Result<String, RoleRefusal>, asked: Int) {
        let asked = Mutex(0)
        let path = "/tmp/role-\(UInt32.random(in: 0 ... .max)).sock"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let result = try await RawServer.running { _ in
            let count = asked.withLock { asked in
                asked += 1
                return asked
            }
            return .end(after: answers[min(count, answers.count) - 1].text)
        } _: { listener in
            var status = DaemonStatus(
                version: "1", brokerURL: "http://b",
                provider: ProviderStatus(issuer: "http://i", clientID: "c", scopes: []),
                signIn: SignInStatus(state: .signedIn),
                listeners: [ListenerStatus(name: "c", face: "container", address: "127.0.0.1:\(listener.port)")],
                roles: [Self.role])
            let statuses = ["idle"] + answers.map(\.stateAfter)
            let texts = try statuses.map { state in
                status.roles[0].state = state
                return RawServer.ok(String(decoding: try JSONEncoder().encode(status), as: UTF8.self))
            }
            return try await RawServer.running(at: .unix(path)) { _ in
                .answer(texts[min(asked.withLock { $0 }, texts.count - 1)])
            } _: { _ in
                try await outcome(path)
            }
        }
        return (result, asked.withLock { $0 })
    }

    private func outcome(_ path: String) async throws -> Result<String, RoleRefusal> {
        let http = HTTPClient()
        let daemon = DaemonClient(exchange: HTTPExchange(http: http, timeout: .seconds(60)), socketPath: path)
        let result: Result<String, any Error>
        do {
            result = .success(try await RoleCredentials.fetch(Self.role, from: daemon).accessKeyID)
        } catch {
            result = .failure(error)
        }
        await http.shutdown()
        do {
            return .success(try result.get())
        } catch let refusal as RoleRefusal {
            return .failure(refusal)
        }
    }

    @Test func `what comes between a refusal and the look at the state is not missed`() async throws {
        let (result, asked) = try await fetch([
            (Self.answer(503, Self.waiting), "fetching"), (Self.answer(503, Self.waiting), "fresh"),
            (Self.answer(200, Self.served), "fresh"),
        ])
        #expect(try result.get() == "ASIA1")
        #expect(asked == 3)
        let (atOnce, count) = try await fetch([
            (Self.answer(503, Self.waiting), "fresh"), (Self.answer(200, Self.served), "fresh"),
        ])
        #expect(try atOnce.get() == "ASIA1")
        #expect(count == 2)
    }

    @Test func `a refusal is the one that holds after the attempt`() async throws {
        let (result, asked) = try await fetch([
            (Self.answer(503, Self.waiting), "refused"),
            (Self.answer(403, #"{"code":"AccessDenied","message":"No."}"#), "refused"),
        ])
        #expect(result == .failure(RoleRefusal(code: "AccessDenied", message: "No.")))
        #expect(asked == 2)
    }

    @Test func `a broker that is down is told after two answers, another refusal after one`() async throws {
        let (down, asked) = try await fetch([
            (Self.answer(503, #"{"code":"BrokerUnreachable","message":"Down."}"#), "expired")
        ])
        #expect(down == .failure(RoleRefusal(code: "BrokerUnreachable", message: "Down.")))
        #expect(asked == 2)
        let (locked, count) = try await fetch([(Self.answer(403, #"{"code":"Locked","message":"Locked."}"#), "locked")])
        #expect(locked == .failure(RoleRefusal(code: "Locked", message: "Locked.")))
        #expect(count == 1)
    }
}
