import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

/// One outgoing HTTP request and its whole answer, bounded in time and size. Redirects are answers like any other: followed,
/// they would carry tokens to an address that nobody configured.
package struct HTTPExchange: Sendable {
    private let http: HTTPClient
    private let timeout: Duration
    private let maximumAnswerBytes: Int
    private let clock: any Clock<Duration>

    /// - Parameters:
    ///   - timeout: for everything from connecting to the answer's last byte.
    ///   - maximumAnswerBytes: a longer body is a failure.
    package init(
        http: HTTPClient,
        timeout: Duration = .seconds(10),
        maximumAnswerBytes: Int = 256 * 1024,
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.http = http
        self.timeout = timeout
        self.maximumAnswerBytes = maximumAnswerBytes
        self.clock = clock
    }

    /// The answer, whatever its status. Throws ``HTTPExchangeFailure`` when there is none; that is always passing.
    package func answer(to request: HTTPClientRequest) async throws(HTTPExchangeFailure) -> HTTPAnswer {
        var request = request
        if !request.headers.contains(name: "User-Agent") {
            request.headers.add(name: "User-Agent", value: "stsbroker")
        }
        do {
            return try await race(request)
        } catch let failure as HTTPExchangeFailure {
            throw failure
        } catch ConnectionEnd.tooLong {
            throw HTTPExchangeFailure(reason: "its answer is longer than \(maximumAnswerBytes) bytes")
        } catch {
            throw HTTPExchangeFailure(reason: "the request failed: \(Excerpt.line(Self.text(error)))")
        }
    }

    private func race(_ request: HTTPClientRequest) async throws -> HTTPAnswer {
        try await withThrowingTaskGroup(of: HTTPAnswer.self) { [http, maximumAnswerBytes, clock, timeout] group in
            group.addTask { try await http.execute(request, maximumBytes: maximumAnswerBytes) }
            group.addTask {
                try await clock.sleep(for: timeout)
                throw HTTPExchangeFailure(reason: "it did not answer within \(timeout)")
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }

    /// What a person makes of it.
    private static func text(_ error: any Error) -> String {
        switch error {
        case ConnectionEnd.incomplete: "the connection ended in the middle of the answer"
        case is ConnectionEnd: "the connection ended without an answer"
        case is CancellationError: "it was cancelled"
        case let error as NIOConnectionError: text(connecting: error)
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case ChannelError.connectTimeout(let amount):
            "no connection within \(amount.nanoseconds / 1_000_000_000) seconds"
        default: String(describing: error)
        }
    }

    private static func text(connecting error: NIOConnectionError) -> String {
        guard let first = error.connectionErrors.first else { return "the name \(error.host) is not known" }
        return "no connection to \(error.host) port \(error.port): \(text(first.error))"
    }
}

/// Why there is no answer at all; completes the sentence "the call failed: …", fit to be shown.
package struct HTTPExchangeFailure: Error, Sendable, Equatable {
    package let reason: String

    package init(reason: String) {
        self.reason = reason
    }
}
