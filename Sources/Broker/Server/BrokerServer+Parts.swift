import AWSAPI
import BrokerStore
import HTTPExchange
import IDTokens

/// What the broker's HTTP API is made of, as it is configured.
extension BrokerServer {
    /// The timeouts are such that discovery, keys and STS together end before a daemon gives up on the answer, which it
    /// does after ten seconds: what is minted later would be held by nobody.
    /// - Parameter keyTimeout: for one call of an identity provider.
    func parts(
        records: SQLiteRecords, http: HTTPClient, access: AWSAccess, tls: ListenerTLS? = nil,
        seal: AuditSeal? = nil, keyTimeout: Duration = .seconds(2)
    ) -> BrokerParts {
        var parts = BrokerParts(
            authenticator: authenticator(records, http, keyTimeout: keyTimeout),
            issuance: issuance(records, http, access),
            records: records, links: links(http, access), logger: logger,
            auditors: Set(loaded.server.auditors ?? []), signIns: loaded.server.issuers.signIns,
            administration: administration(records),
            web: loaded.web.map { WebParts(settings: $0, provider: BrowserProvider($0, http: http, now: now)) },
            edge: edge(tls), metrics: metrics, checks: checks(records, access), seal: seal, now: now)
        parts.issuer = access.issuer
        return parts
    }

    private func authenticator(_ records: SQLiteRecords, _ http: HTTPClient, keyTimeout: Duration) -> Authenticator {
        let issuers = loaded.server.issuers
        return Authenticator(
            tokens: IDTokenVerifier(
                issuers: issuers.trusted, http: http, logger: logger, timeout: keyTimeout, now: now),
            claims: issuers.claims, records: records,
            requestsPerSecond: loaded.server.limits?.requestsPerSecond ?? Authenticator.defaultRequestsPerSecond,
            logger: logger, now: now)
    }

    private func issuance(_ records: SQLiteRecords, _ http: HTTPClient, _ access: AWSAccess) -> CredentialIssuance {
        CredentialIssuance(
            records: records, roles: MeasuredRoles(base: access.roles, metrics: metrics),
            sessionNaming: SessionNaming(
                issuers: loaded.server.issuers.trusted.count, namesGrants: loaded.server.aws.revocation != nil),
            chainsRoles: access.chainsRoles, routing: loaded.notifications.routing, evaluator: evaluator(http),
            metrics: metrics, logger: logger, now: now)
    }

    private func evaluator(_ http: HTTPClient) -> ExternalEvaluator? {
        guard let section = loaded.server.evaluator, let key = loaded.evaluatorKey else { return nil }
        let exchange = HTTPExchange(http: http, timeout: section.timeout, maximumAnswerBytes: 64 * 1024)
        return ExternalEvaluator(
            post: SignedPost(url: section.url, key: key, exchange: exchange), logger: logger, now: now)
    }

    private func administration(_ records: SQLiteRecords) -> Administration {
        Administration(
            records: records, administrators: Set(loaded.server.administrators ?? []), file: loaded.policiesPath,
            routing: loaded.notifications.routing, allowsExternalID: loaded.server.aws.mode.allowsExternalID,
            hasEvaluator: loaded.hasEvaluator)
    }

    private func edge(_ tls: ListenerTLS?) -> BrokerEdge {
        let limits = loaded.server.limits
        return BrokerEdge(
            proxies: loaded.server.listen.trustedProxies,
            addresses: AddressLimits(
                requestsPerSecond: limits?.addressRequestsPerSecond ?? AddressLimits.defaultRequestsPerSecond,
                failuresPerMinute: limits?.failedSignInsPerMinute ?? AddressLimits.defaultFailuresPerMinute),
            connections: OpenConnections.Limits(
                all: limits?.connections ?? DescriptorLimit.connections,
                perAddress: limits?.connectionsPerAddress ?? OpenConnections.Limits.defaultPerAddress),
            tls: tls)
    }

    /// What must be there before requests are sent here. The identity providers' keys aren't: every other broker would
    /// lack them too.
    private func checks(_ records: any WatchedRecords, _ access: AWSAccess) -> [ReadinessCheck] {
        let checks = [
            ReadinessCheck("database") { [now] in try await records.checkWritable(at: now()) },
            ReadinessCheck("policies") { try await records.checkCatalog() },
        ]
        guard let keys = access.keys else { return checks }
        return checks + [ReadinessCheck("aws_key") { _ = try await keys.current() }]
    }
}
