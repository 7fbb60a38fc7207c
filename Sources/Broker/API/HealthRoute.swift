import BrokerAPI
import BrokerStore
import Hummingbird

/// `GET /healthz`: 200 if the broker's records can be read, 503 if not. Needs no token and tells nothing else.
struct HealthRoute: Sendable {
    let records: any BrokerRecords

    var route: Route {
        Route(method: .get, path: "/healthz") { _ in
            do {
                _ = try await records.auditTrail(after: .max, limit: 1)
            } catch {
                throw IssuanceFailure.recordsUnavailable
            }
            return JSONAnswer.response(["status": "ok"])
        }
    }
}
