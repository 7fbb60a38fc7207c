package import AsyncHTTPClient
package import Credentials
package import FoundationEssentials
package import Logging

/// Calls AWS STS with signed requests over its query protocol (version 2011-06-15).
///
/// One call is one request: it is not repeated here, and ends within `timeout`. Build `http` with redirects disallowed;
/// STS sends none, and an answer that came by one is refused.
package struct STSClient: Sendable {
    /// Whole answers of STS stay far under this.
    static let maximumAnswerBytes = 64 * 1_024

    let http: HTTPClient
    let endpoint: Result<STSEndpoint, STSError>
    let region: String
    let accessKey: @Sendable () async throws -> AWSAccessKey
    let logger: Logger
    let timeout: Duration
    let clock: any Clock<Duration>
    let now: @Sendable () -> Date

    /// `endpoint` is a base URL such as ``defaultEndpoint(region:)``; one that cannot be called shows at the first call
    /// as ``STSError/misconfigured(_:)``, or at once with ``checkEndpoint(_:)``. `accessKey` is asked at each call, so
    /// that a rotated key takes effect; `now` dates signatures and answers.
    package init(
        http: HTTPClient,
        endpoint: String,
        region: String,
        accessKey: @escaping @Sendable () async throws -> AWSAccessKey,
        logger: Logger,
        timeout: Duration = .seconds(10),
        clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> Date
    ) {
        self.http = http
        self.endpoint = Result { () throws(STSError) in try STSEndpoint(endpoint) }
        self.region = region
        self.accessKey = accessKey
        self.logger = logger
        self.timeout = timeout
        self.clock = clock
        self.now = now
    }

    /// Credentials of the role, as STS issued them just now. `issuedAt` is the instant before the request was sent.
    package func assumeRole(_ input: AssumeRoleInput) async throws(STSError) -> SessionCredentials {
        let issuedAt = now()
        let document = try await answer(to: .assumeRole(input))
        return try AssumeRoleAnswer.credentials(in: document, for: input, issuedAt: issuedAt, now: now())
    }

    /// Whom STS takes the key of this client for: a check of key, clock and network that needs no permission.
    package func callerIdentity() async throws(STSError) -> STSCallerIdentity {
        let document = try await answer(to: .callerIdentity)
        let result = try document.result(of: "GetCallerIdentity")
        return STSCallerIdentity(
            account: try result.text(of: "Account"),
            arn: try result.text(of: "Arn"),
            userID: try result.text(of: "UserId"))
    }

    /// The regional endpoint (AWS General Reference, "AWS STS endpoints and quotas"); `cn-` regions have their own domain.
    package static func defaultEndpoint(region: String) -> String {
        let domain = region.utf8.starts(with: "cn-".utf8) ? "amazonaws.com.cn" : "amazonaws.com"
        return "https://sts.\(region).\(domain)"
    }

    /// Fails with ``STSError/misconfigured(_:)`` if `endpoint` is not an `http` or `https` URL with a host.
    package static func checkEndpoint(_ endpoint: String) throws(STSError) {
        _ = try STSEndpoint(endpoint)
    }
}
