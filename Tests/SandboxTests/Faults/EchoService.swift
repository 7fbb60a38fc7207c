import FoundationEssentials
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

@testable import Sandbox

/// A service behind a proxy that answers with what reached it.
struct EchoService: Sendable {
    var url: String
    var board: FaultBoard

    private struct Echo: Encodable {
        var method: String
        var target: String
        var host: String
        var headers: [[String]]
        var body: String
    }

    private struct Responder: HTTPResponder {
        typealias Context = BasicRequestContext

        func respond(to request: Request, context: Context) async throws -> Response {
            let body = try await request.body.collect(upTo: 10_000_000)
            let echo = Echo(
                method: request.method.rawValue, target: request.head.path ?? "", host: request.head.authority ?? "",
                headers: request.headers.map { [$0.name.rawName, $0.value] },
                body: Data(body.readableBytesView).base64EncodedString())
            return try .json(echo)
        }
    }

    static func run(_ body: @Sendable (EchoService) async throws -> Void) async throws {
        try await TemporaryDirectory.use { directory in
            var logger = Logger(label: "echo")
            logger.logLevel = .critical
            let board = FaultBoard(now: { Date() })
            let proxy = try await FaultProxy.bind(
                .broker, backend: .unixSocket(directory + "/echo.sock"), board: board, clock: ContinuousClock())
            let echo = Application(
                responder: Responder(),
                configuration: .init(address: .unixDomainSocket(path: directory + "/echo.sock")), logger: logger)
            let group = ServiceGroup(services: [echo, proxy], logger: logger)
            try await withThrowingTaskGroup { tasks in
                tasks.addTask { try await group.run() }
                let result: Result<Void, any Error>
                do {
                    result = .success(try await body(EchoService(url: proxy.url, board: board)))
                } catch {
                    result = .failure(error)
                }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
                try result.get()
            }
        }
    }
}
