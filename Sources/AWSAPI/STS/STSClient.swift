package import Credentials
package import FoundationEssentials
package import HTTPExchange
package import Logging

/// Calls AWS STS with signed requests over its query protocol (version 2011-06-15).
///
/// One call is one request: it is not repeated here, and ends within `timeout`.
package struct STSClient: Sendable {
    private let service: QueryClient
    private let accessKey: (@Sendable () async throws -> AWSAccessKey)?
    private let now: @Sendable () -> Date

    /// `endpoint` is a base URL such as ``defaultEndpoint(region:)``; one that cannot be called shows at the first call
    /// as ``AWSError/misconfigured(_:)``, or at once with ``checkEndpoint(_:)``. `accessKey` is asked at each call, so
    /// that a rotated key takes effect; without one, only what nobody signs can be called. `now` dates signatures and answers.
    package init(
        http: HTTPClient,
        endpoint: String,
        region: String,
        accessKey: (@Sendable () async throws -> AWSAccessKey)?,
        logger: Logger,
        timeout: Duration = .seconds(10),
        clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> Date
    ) {
        service = QueryClient(
            http: http, service: "sts", region: region,
            endpoint: Result { () throws(AWSError) in try AWSEndpoint(endpoint) }, logger: logger, timeout: timeout,
            clock: clock, now: now)
        self.accessKey = accessKey
        self.now = now
    }

    /// Credentials of the role, as STS issued them just now. `issuedAt` is the instant before the request was sent.
    package func assumeRole(_ input: AssumeRoleInput) async throws(AWSError) -> SessionCredentials {
        let issuedAt = now()
        let document = try await signedAnswer(to: .assumeRole(input))
        return try AssumeRoleAnswer.credentials(
            in: try document.result(of: "AssumeRole"), for: input, issuedAt: issuedAt, now: now())
    }

    /// The same by a token of an OpenID provider that AWS trusts, without a key. What the input has of tags, transitive keys and
    /// source identity must be in the token; the input must have no external id, for which this call has no place.
    package func assumeRole(
        _ input: AssumeRoleInput, withWebIdentity token: Secret
    ) async throws(AWSError) -> SessionCredentials {
        guard input.externalID == nil else {
            throw .misconfigured("a role that wants an external id can't be assumed with a web identity token")
        }
        let issuedAt = now()
        let document = try await service.answer(to: .assumeRole(input, withWebIdentity: token), signedBy: nil)
        return try AssumeRoleAnswer.credentials(
            in: try document.result(of: "AssumeRoleWithWebIdentity"), for: input, issuedAt: issuedAt, now: now())
    }

    /// Whom STS takes the key of this client for: a check of key, clock and network that needs no permission.
    package func callerIdentity() async throws(AWSError) -> STSCallerIdentity {
        let result = try await signedAnswer(to: .callerIdentity).result(of: "GetCallerIdentity")
        return STSCallerIdentity(
            account: try result.text(of: "Account"),
            arn: try result.text(of: "Arn"),
            userID: try result.text(of: "UserId"))
    }

    private func signedAnswer(to call: QueryCall) async throws(AWSError) -> XMLElement {
        guard let accessKey else { throw .keysUnavailable("this call must be signed") }
        return try await service.answer(to: call, signedBy: accessKey)
    }

    /// The regional endpoint (AWS General Reference, "AWS STS endpoints and quotas"); `cn-` regions have their own domain.
    package static func defaultEndpoint(region: String) -> String {
        "https://sts.\(region).\(AWSEndpoint.domain(ofRegion: region))"
    }

    /// Fails with ``AWSError/misconfigured(_:)`` if `endpoint` is not an `http` or `https` URL with a host.
    package static func checkEndpoint(_ endpoint: String) throws(AWSError) {
        _ = try AWSEndpoint(endpoint)
    }
}
