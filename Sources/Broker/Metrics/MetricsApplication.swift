import BrokerStore
import Hummingbird
import Logging
import NIOCore
import PrometheusText

/// The address for those who watch the broker: `/metrics`, `/healthz`, and `/readyz` with each check. An address of its own, so
/// that a proxy in front of the broker can't hand it to strangers.
/// - Parameter onRunning: told where it listens as soon as it does.
func buildMetricsApplication(
    _ parts: BrokerParts, records: any WatchedRecords, address: BindAddress,
    onRunning: @escaping @Sendable (ListeningAddress) async -> Void = { _ in }
) -> some ApplicationProtocol {
    let router = Router(context: BasicRequestContext.self)
    let health = HealthRoutes(readiness: parts.readiness)
    for route in [health.alive, health.ready(detailed: true), metricsRoute(parts, records)] {
        router.on(RouterPath(route.path), method: route.method) { request, _ in
            var response = try await route.answer(request, "")
            response.headers[.cacheControl] = "no-store"
            return response
        }
    }
    return Application(
        router: router, server: .http1(configuration: .init(idleTimeout: .seconds(60))),
        configuration: ApplicationConfiguration(address: address),
        onServerRunning: { channel in
            await onRunning(ListeningAddress(port: channel.localAddress?.port, path: channel.localAddress?.pathname))
        },
        logger: parts.logger)
}

/// What is counted goes out also while the records can't be read.
private func metricsRoute(_ parts: BrokerParts, _ records: any WatchedRecords) -> Route {
    let metrics = parts.metrics
    return Route(method: .get, path: "/metrics") { _ in
        metrics.isOpen(connections: parts.edge.connections.count)
        do throws(StoreError) {
            metrics.update(try await records.figures())
        } catch {
            parts.logger.error("records failed", metadata: ["act": "metrics", "error": "\(error)"])
        }
        return Response(
            status: .ok, headers: [.contentType: MetricRegistry.mediaType],
            body: ResponseBody(byteBuffer: ByteBuffer(string: metrics.registry.text())))
    }
}
