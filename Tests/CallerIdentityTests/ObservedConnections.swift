import CallerIdentity
import NIOCore
import TestSupport

/// A real listener that looks up everything about each connection.
final class ObservedConnections: Sendable {
    private let listener: TestListener
    private let callers = AsyncStream.makeStream(of: ObservedCaller.self)

    private init(_ detail: CallerDetail, _ noting: ProcessNoting, at place: TestListener.Place) async throws {
        let (resolver, results) = (CallerResolver(), callers.continuation)
        listener = try await TestListener(at: place) { channel in
            resolver.observe(
                resolver.caller(ofAccepted: channel), ofAccepted: channel, detail: detail, noting: noting
            ).map { _ = results.yield($0) }
        }
    }

    static func tcp(
        _ detail: CallerDetail = [.groups, .processes], noting: ProcessNoting = .nobody
    ) async throws -> ObservedConnections {
        try await ObservedConnections(detail, noting, at: .tcp())
    }

    static func unix(
        _ path: String, _ detail: CallerDetail = [.groups, .processes], noting: ProcessNoting = .nobody
    ) async throws -> ObservedConnections {
        try await ObservedConnections(detail, noting, at: .unix(path))
    }

    var address: SocketAddress { listener.address }

    func next() async -> ObservedCaller? { await callers.stream.first { _ in true } }

    func close() async throws { try await listener.close() }
}
