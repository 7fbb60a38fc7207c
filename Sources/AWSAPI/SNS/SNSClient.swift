package import FoundationEssentials
package import HTTPExchange
package import Logging

/// Publishes to one SNS topic with signed requests (query protocol, version 2010-03-31).
package struct SNSClient: Sendable {
    private let service: QueryClient
    private let topic: SNSTopic
    private let accessKey: @Sendable () async throws -> AWSAccessKey

    /// - Parameters:
    ///   - endpoint: a base URL, https or http on loopback; `nil` for the region's.
    ///   - accessKey: asked at each call.
    package init(
        http: HTTPClient, topic: SNSTopic, endpoint: String?,
        accessKey: @escaping @Sendable () async throws -> AWSAccessKey, logger: Logger,
        timeout: Duration = .seconds(10), now: @escaping @Sendable () -> Date
    ) {
        let endpoint = endpoint ?? topic.defaultEndpoint
        service = QueryClient(
            http: http, service: "sns", region: topic.region,
            endpoint: Result { () throws(AWSError) in try AWSEndpoint(endpoint) }, logger: logger, timeout: timeout,
            clock: ContinuousClock(), now: now)
        self.topic = topic
        self.accessKey = accessKey
    }

    /// Returns once SNS has the message, with its id there.
    @discardableResult
    package func publish(_ message: SNSMessage) async throws(AWSError) -> String {
        guard let call = QueryCall.publish(message, to: topic) else {
            throw .misconfigured("the message can't be written as JSON")
        }
        let document = try await service.answer(to: call, signedBy: accessKey)
        return try document.result(of: "Publish").text(of: "MessageId")
    }
}
