import BrokerAPI
import Hummingbird

/// Whether the broker runs, and whether it can do its work. Needs no token.
struct HealthRoutes: Sendable {
    let readiness: Readiness

    /// `GET /healthz`: 200 while the process answers.
    var alive: Route {
        Route(method: .get, path: "/healthz") { _ in JSONAnswer.response(["status": "ok"]) }
    }

    /// `GET /readyz`: 200 if the broker can do its work, 503 if not.
    /// - Parameter detailed: whether each check is named, which is for those who watch the broker, not for strangers.
    func ready(detailed: Bool) -> Route {
        Route(method: .get, path: "/readyz") { [readiness] _ in
            let checked = readiness.checked
            let isReady = checked.values.allSatisfy { $0 }
            let report = ReadinessReport(
                status: isReady ? "ready" : "unavailable",
                checks: detailed ? checked.mapValues { $0 ? "ok" : "failed" } : nil)
            return JSONAnswer.response(report, status: isReady ? .ok : .serviceUnavailable)
        }
    }
}

private struct ReadinessReport: Encodable {
    let status: String
    let checks: [String: String]?
}
