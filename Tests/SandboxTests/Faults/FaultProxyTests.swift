import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import Sandbox

@Suite("The fault proxies, over real sockets", .timeLimit(.minutes(5)))
struct FaultProxyTests {
    private func arm(_ fault: Fault, in sandbox: RunningSandbox) async throws {
        let body = Array(try JSONEncoder().encode(fault))
        let answer = try await Browser.send(.POST, sandbox.addresses.controlURL + "/faults", body: body)
        #expect(answer.status == 201)
    }

    @Test(
        "A connection that is reset, closed, cut off, hangs until the end or speaks no HTTP fails for the client",
        arguments: [FaultKind.reset, .close, .garbage, .truncate, .hang])
    func brokenConnections(kind: FaultKind) async throws {
        try await RunningSandbox.run { sandbox in
            let url = sandbox.addresses.idpURL + "/jwks"
            try await arm(Fault(target: .idp, kind: kind, seconds: 60), in: sandbox)
            let failing = Task { try await Browser.get(url) }
            try await awaited("the request") { sandbox.local.board.counts["idp"]?.isEmpty == false }
            sandbox.clock.advance(by: 61)
            await #expect(throws: (any Error).self) { try await failing.value }
            let answer = try await Browser.send(.DELETE, sandbox.addresses.controlURL + "/faults")
            #expect(answer.status == 204)
            #expect(try await Browser.get(url).status == 200)
            #expect(sandbox.local.board.counts["idp"] == ["GET /jwks": 2])
        }
    }

    @Test("A reset is a reset, not an orderly end", arguments: [(FaultKind.reset, "reset"), (.close, "end")])
    func resetOrEnd(kind: FaultKind, outcome: String) async throws {
        try await RunningSandbox.run { sandbox in
            try await arm(Fault(target: .sts, kind: kind, seconds: 60), in: sandbox)
            let result = try await Program.python("connection_end.py", [sandbox.addresses.stsURL])
            #expect(result.output == outcome, "\(result.problems)")
        }
    }

    @Test("An error has the status that was asked for, and nothing of the service's answer")
    func errors() async throws {
        try await RunningSandbox.run { sandbox in
            let url = sandbox.addresses.idpURL + "/jwks"
            try await arm(Fault(target: .idp, kind: .error, seconds: 60), in: sandbox)
            let answer = try await Browser.get(url)
            #expect(answer.status == 500 && !answer.body.contains("keys"))
            try await arm(Fault(target: .idp, kind: .error, seconds: 60, status: 503), in: sandbox)
            #expect(try await Browser.get(url).status == 503)
            try await arm(Fault(target: .idp, kind: .error, seconds: 60, path: "/token"), in: sandbox)
            sandbox.local.board.disarmAll()
            try await arm(Fault(target: .idp, kind: .error, seconds: 60, path: "/token"), in: sandbox)
            #expect(try await Browser.get(url).status == 200)
        }
    }

    @Test("A wrong content type changes nothing else")
    func contentType() async throws {
        try await RunningSandbox.run { sandbox in
            try await arm(Fault(target: .idp, kind: .wrongContentType, seconds: 60), in: sandbox)
            let answer = try await Browser.get(sandbox.addresses.idpURL + "/jwks")
            #expect(answer.headers.first(name: "content-type") == "text/html")
            #expect(answer.body.contains("\"keys\""))
        }
    }

    @Test("A drip gives the whole answer, byte by byte")
    func drip() async throws {
        try await RunningSandbox.run { sandbox in
            try await arm(Fault(target: .sts, kind: .drip, seconds: 60), in: sandbox)
            let result = try await Program.python(
                "dripping.py", [sandbox.addresses.stsURL, sandbox.addresses.controlURL])
            #expect(result.isSuccess, "\(result.output)\(result.problems)")
        }
    }

    @Test("A hanging request ends when the faults are cleared")
    func clearing() async throws {
        try await RunningSandbox.run { sandbox in
            try await arm(Fault(target: .idp, kind: .hang, seconds: 3600), in: sandbox)
            let hanging = Task { try await Browser.get(sandbox.addresses.idpURL + "/jwks") }
            try await awaited("the request") { sandbox.local.board.counts["idp"]?.isEmpty == false }
            sandbox.local.board.disarmAll()
            await #expect(throws: (any Error).self) { try await hanging.value }
        }
    }

    @Test("Requests pass with method, target, Host, headers and body unchanged, one after another on one connection")
    func transparency() async throws {
        try await EchoService.run { echo in
            let result = try await Program.python("transparency.py", [echo.url])
            #expect(result.isSuccess, "\(result.output)\(result.problems)")
            #expect(echo.board.counts["broker"]?["PUT /a%2Fb/../c"] == 2)
        }
    }

    @Test func `a service that closes what it has kept, or gives no answer, costs none that it can be asked for again`()
        async throws
    {
        try await TemporaryDirectory.use { directory in
            let board = FaultBoard(now: { Date() })
            let path = directory + "/service.sock"
            let proxy = try await FaultProxy.bind(
                .broker, backend: .unixSocket(path), board: board, clock: ContinuousClock())
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await proxy.run() }
                let result = try await Program.python("closing_service.py", [proxy.url, path])
                #expect(result.isSuccess, "\(result.output)\(result.problems)")
                tasks.cancelAll()
            }
            // What was repeated was asked once.
            #expect(board.counts["broker"] == ["POST /": 6, "GET /": 1, "PUT /": 2, "DELETE /": 1])
        }
    }

    @Test("A service that is not there is a 502, and a client that speaks no HTTP gets a 400")
    func badEnds() async throws {
        try await RunningSandbox.run { sandbox in
            #expect(try await Browser.get(sandbox.addresses.brokerURL + "/healthz").status == 502)
            let result = try await Program.python("garbage.py", [sandbox.addresses.stsURL, sandbox.addresses.idpURL])
            #expect(result.isSuccess, "\(result.output)\(result.problems)")
            #expect(try await Browser.get(sandbox.addresses.idpURL + "/jwks").status == 200)
        }
    }
}
