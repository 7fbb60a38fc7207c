package import BrokerAPI
package import BrokerStore
package import FoundationEssentials
package import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore

/// What the broker's HTTP API is made of.
package struct BrokerParts: Sendable {
    package let authenticator: Authenticator
    package let issuance: CredentialIssuance
    package let records: any BrokerRecords
    package let logger: Logger
    let auditors: Set<String>
    let administration: Administration
    let signIns: [BrokerConfiguration.Issuer]
    let desk: ApprovalDesk
    let links: ConsoleLinks
    /// `nil`: there are no pages.
    let web: WebParts?
    let edge: BrokerEdge
    let metrics: BrokerMetrics
    let seal: AuditSeal?
    /// The broker as an OpenID provider, if it is one.
    var issuer: WebIdentityIssuer?
    package let readiness: Readiness
    let now: @Sendable () -> Date

    package init(
        authenticator: Authenticator, issuance: CredentialIssuance, records: any BrokerRecords, links: ConsoleLinks,
        logger: Logger, auditors: Set<String> = [], signIns: [BrokerConfiguration.Issuer] = [],
        administration: Administration,
        web: WebParts? = nil, edge: BrokerEdge = BrokerEdge(),
        metrics: BrokerMetrics = BrokerMetrics(), checks: [ReadinessCheck] = [], seal: AuditSeal? = nil,
        now: @escaping @Sendable () -> Date
    ) {
        self.administration = administration
        self.auditors = auditors
        self.signIns = signIns
        self.web = web
        self.edge = edge
        self.metrics = metrics
        self.seal = seal
        readiness = Readiness(checks: checks, metrics: metrics, logger: logger, now: now)
        self.links = links
        desk = ApprovalDesk(
            records: records, administrators: administration.administrators, logger: logger, now: now)
        self.now = now
        self.authenticator = authenticator
        self.issuance = issuance
        self.records = records
        self.logger = logger
    }
}

/// Who governs policies and teams, and where.
package struct Administration: Sendable {
    package let records: any CatalogRecords
    /// The teams whose members may.
    package let administrators: Set<String>
    /// Where files govern, their path.
    package let file: String?
    /// Whom policies may name to be told.
    package let routing: NoticeRouting
    /// Whether policies may have an external id.
    package let allowsExternalID: Bool
    /// Whether the company's own program is asked what needs a person.
    package let hasEvaluator: Bool

    package init(
        records: any CatalogRecords, administrators: Set<String>, file: String?, routing: NoticeRouting = .nobody,
        allowsExternalID: Bool = true, hasEvaluator: Bool = false
    ) {
        self.records = records
        self.administrators = administrators
        self.file = file
        self.routing = routing
        self.allowsExternalID = allowsExternalID
        self.hasEvaluator = hasEvaluator
    }
}

/// The broker's web application: the same for the server and for tests.
/// - Parameter onRunning: told where it listens as soon as it does.
package func buildApplication(
    _ parts: BrokerParts, address: BindAddress,
    onRunning: @escaping @Sendable (ListeningAddress) async -> Void = { _ in }
) -> some ApplicationProtocol {
    return Application(
        router: router(for: allRoutes(of: parts), parts),
        server: HTTPServerBuilder { responder in
            EdgeChannel(edge: parts.edge, metrics: parts.metrics, responder: responder)
        },
        configuration: ApplicationConfiguration(address: address),
        onServerRunning: { channel in
            await onRunning(ListeningAddress(port: channel.localAddress?.port, path: channel.localAddress?.pathname))
        },
        logger: parts.logger)
}

/// Every path and method that is answered.
func allRoutes(of parts: BrokerParts) -> [Route] {
    let policies = RequestablePolicies(records: parts.records, logger: parts.logger)
    let own = BrokerRoutes(authenticator: parts.authenticator, issuance: parts.issuance, policies: policies)
    let original = OriginalRoutes(
        authenticator: parts.authenticator, issuance: parts.issuance, policies: policies, links: parts.links)
    let console = ConsoleRoutes(authenticator: parts.authenticator, issuance: parts.issuance, links: parts.links)
    let requests = RequestRoutes(
        authenticator: parts.authenticator, issuance: parts.issuance, desk: parts.desk, now: parts.now)
    let audit = AuditRoutes(
        authenticator: parts.authenticator, records: parts.records, seal: parts.seal, auditors: parts.auditors,
        logger: parts.logger)
    let admin = AdminRoutes(
        authenticator: parts.authenticator,
        desk: CatalogDesk(parts.administration, logger: parts.logger, now: parts.now),
        administrators: parts.administration.administrators)
    let explain = ExplainRoutes(
        authenticator: parts.authenticator, issuance: parts.issuance, auditors: parts.auditors)
    let health = HealthRoutes(readiness: parts.readiness)
    return own.routes + requests.routes + console.routes + audit.routes + admin.routes + explain.routes
        + original.routes + IssuerRoutes(issuer: parts.issuer).routes
        + [health.alive, health.ready(detailed: false), DescriptionRoute().route]
        + [ConfigurationRoute(issuers: parts.signIns).route]
        + (parts.web.map { WebRoutes($0, of: parts).routes } ?? [])
}

/// Where the application listens.
package struct ListeningAddress: Sendable {
    /// The TCP port; `nil` on a Unix socket.
    package let port: Int?
    /// The socket's path; `nil` on TCP.
    package let path: String?
}

private func router(for routes: [Route], _ parts: BrokerParts) -> Router<BrokerRequestContext> {
    let router = Router(context: BrokerRequestContext.self)
    router.add(middleware: SourceMiddleware(edge: parts.edge))
    router.add(middleware: AnswerMiddleware(routes: routes, metrics: parts.metrics, logger: parts.logger))
    router.add(
        middleware: AddressLimitMiddleware(edge: parts.edge, metrics: parts.metrics, now: parts.now))
    for route in routes {
        router.on(RouterPath(route.path), method: route.method) { request, context in
            try await route.answer(request, context.parameters.get("id") ?? "")
        }
    }
    return router
}
