package import HTTPExchange
import NIOCore
import NIOHTTP1

/// One HTTP request to an identity provider, with a limit on time and on the answer's size.
package struct ProviderExchange: Sendable {
    private let http: HTTPClient
    private let timeout: Duration
    private let clock: any Clock<Duration>

    package init(
        http: HTTPClient, timeout: Duration = .seconds(10), clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.http = http
        self.timeout = timeout
        self.clock = clock
    }

    package typealias Answer = HTTPAnswer
    /// There is no answer at all: a passing failure.
    package typealias Failure = HTTPExchangeFailure

    package func get(_ url: String) async throws(Failure) -> Answer {
        try await answer(to: request(url))
    }

    package func post(
        _ fields: [(name: String, value: String)], to url: String, authorization: String? = nil
    ) async throws(Failure) -> Answer {
        var request = request(url)
        request.method = .POST
        if let authorization { request.headers.add(name: "Authorization", value: authorization) }
        request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        request.body = .bytes(ByteBuffer(string: FormEncoding.text(fields)))
        return try await answer(to: request)
    }

    private func request(_ url: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url)
        request.headers.add(name: "Accept", value: "application/json")
        return request
    }

    private func answer(to request: HTTPClientRequest) async throws(Failure) -> Answer {
        try await HTTPExchange(http: http, timeout: timeout, clock: clock).answer(to: request)
    }
}
