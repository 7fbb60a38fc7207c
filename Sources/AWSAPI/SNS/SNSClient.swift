package import FoundationEssentials
package import HTTPExchange
package import Logging

/// Publishes by SNS in one region with signed requests (query protocol, version 2010-03-31).
package struct SNSClient: Sendable {
    private let service: QueryClient
    private let accessKey: @Sendable () async throws -> AWSAccessKey

    /// - Parameters:
    ///   - endpoint: a base URL, https or http on loopback; `nil` for the region's.
    ///   - accessKey: asked at each call.
    package init(
        http: HTTPClient, region: String, endpoint: String?,
        accessKey: @escaping @Sendable () async throws -> AWSAccessKey, logger: Logger,
        timeout: Duration = .seconds(10), now: @escaping @Sendable () -> Date
    ) {
        let endpoint = endpoint ?? Self.defaultEndpoint(region: region)
        service = QueryClient(
            http: http, service: "sns", region: region,
            endpoint: Result { () throws(AWSError) in try AWSEndpoint(endpoint) }, logger: logger, timeout: timeout,
            clock: ContinuousClock(), now: now)
        self.accessKey = accessKey
    }

    /// The region's endpoint (AWS General Reference, "Amazon SNS endpoints and quotas").
    package static func defaultEndpoint(region: String) -> String {
        "https://sns.\(region).\(AWSEndpoint.domain(ofRegion: region))"
    }

    /// Returns once SNS has the message, with its id there. A topic must be one of the client's region.
    @discardableResult
    package func publish(
        _ message: SNSMessage, to destination: SNSDestination
    ) async throws(AWSError) -> String {
        guard let call = QueryCall.publish(message, to: destination) else {
            throw .misconfigured("the message can't be written as JSON")
        }
        let document = try await service.answer(to: call, signedBy: accessKey)
        return try document.result(of: "Publish").text(of: "MessageId")
    }
}
