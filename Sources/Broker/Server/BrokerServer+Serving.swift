import AccessControl
import BrokerStore
import HTTPExchange
import Logging
import PolicyFiles
import ServiceLifecycle
import UnixSignals

/// What runs as long as the server does.
extension BrokerServer {
    /// Returns when SIGTERM or SIGINT has ended all services; throws if the broker can't serve, or a service fails.
    func serve(records: SQLiteRecords, seal: AuditSeal, http: HTTPClient) async throws {
        let tls = try listenerTLS()
        let access = try access(http)
        try await access.prepare()
        try await warnOfPolicies(in: records, access)
        let parts = parts(records: records, http: http, access: access, tls: tls, seal: seal)
        var services: [any Service] = [
            seal, parts.readiness, delivery(from: records, http, access),
            ApprovalWatch(records: records, logger: logger, now: now),
            await reloadAtHangup(records),
        ]
        services += access.services(logger: logger)
        if let denials = denials(records, access) { services.append(denials) }
        if let tls { services.append(tls) }
        if let metrics = metricsApplication(parts, records) { services.append(metrics) }
        // They end in the opposite order: first what was accepted is answered, whatever the others wait for.
        services.append(application(parts))
        services.append(StopNotice(manager: manager, readiness: parts.readiness))
        try await group(of: services).run()
    }

    /// Says in the log which policies are likely to fail.
    private func warnOfPolicies(in records: SQLiteRecords, _ access: AWSAccess) async throws(StoreError) {
        let chainsRoles = await access.chainsRoles()
        let hasTargets = loaded.notifications.routing.hasTargets
        for policy in loaded.catalog.catalog.policies {
            for warning in PolicyWarning.warnings(for: policy, chainsRoles: chainsRoles, hasTargets: hasTargets) {
                logger.warning("policy may fail", metadata: ["why": "\(warning)"])
            }
        }
        if loaded.hasEvaluator { try await EvaluatorOnlyPolicies(in: records).warn(logger) }
    }

    private func delivery(from outbox: SQLiteRecords, _ http: HTTPClient, _ access: AWSAccess) -> NoticeDelivery {
        NoticeDelivery(
            outbox: outbox,
            messengers: loaded.notifications.messengers(http: http, sns: access.sns, logger: logger),
            pages: loaded.web?.origin, metrics: metrics, logger: logger, now: now)
    }

    /// From its return on no SIGHUP is lost.
    private func reloadAtHangup(_ records: SQLiteRecords) async -> ReloadAtHangup {
        ReloadAtHangup(
            signals: await UnixSignalsSequence(trapping: .sighup), policies: policyReload(records), manager: manager)
    }

    private func group(of services: [any Service]) -> ServiceGroup {
        // By itself a service would be called what it and all that it holds look like.
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0, serviceName: "\(type(of: $0))") },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(15)
        return ServiceGroup(configuration: configuration)
    }
}
