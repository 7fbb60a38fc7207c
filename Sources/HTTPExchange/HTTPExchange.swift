package import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// One outgoing HTTP request and its whole answer, bounded in time and size. Redirects are refused: they would carry
/// tokens to an address that nobody configured.
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
        } catch is NIOTooManyBytesError {
            throw HTTPExchangeFailure(reason: "its answer is longer than \(maximumAnswerBytes) bytes")
        } catch {
            throw HTTPExchangeFailure(reason: "the request failed: \(Excerpt.line(String(describing: error)))")
        }
    }

    /// AsyncHTTPClient's own deadline ends when the answer's head has come; this one covers the body too.
    private func race(_ request: HTTPClientRequest) async throws -> HTTPAnswer {
        try await withThrowingTaskGroup(of: HTTPAnswer.self) { [clock, timeout] group in
            group.addTask { try await roundTrip(request) }
            group.addTask {
                try await clock.sleep(for: timeout)
                throw HTTPExchangeFailure(reason: "it did not answer within \(timeout)")
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }

    private func roundTrip(_ request: HTTPClientRequest) async throws -> HTTPAnswer {
        // The race ends this earlier; AsyncHTTPClient insists on a timeout of its own.
        let response = try await http.execute(request, timeout: .hours(1))
        guard response.history.count <= 1 else {
            throw HTTPExchangeFailure(reason: "it answered with a redirect, which is not followed")
        }
        let body = try await response.body.collect(upTo: maximumAnswerBytes)
        // Of a cancelled task, the body just ends early.
        try Task.checkCancellation()
        return HTTPAnswer(
            status: Int(response.status.code), headers: response.headers, body: Array(body.readableBytesView))
    }
}

/// Why there is no answer at all; completes the sentence "the call failed: …", fit to be shown.
package struct HTTPExchangeFailure: Error, Sendable, Equatable {
    package let reason: String

    package init(reason: String) {
        self.reason = reason
    }
}
