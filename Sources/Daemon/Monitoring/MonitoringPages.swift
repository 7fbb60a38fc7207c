import CredentialCache
import FoundationEssentials
import MetadataServer
import PrometheusText

/// What those see who watch the daemon: `/metrics`, `/healthz` and `/readyz`, on the control socket and the metrics address.
struct MonitoringPages: Sendable {
    let metrics: DaemonMetrics
    let health: Health
    let cache: CredentialCache
    let settings: CurrentSettings
    let now: @Sendable () -> Date

    private static let readyPath = "/readyz"

    /// Whether anybody who reaches the control socket may have what is at `path`: it names nobody and nothing that they could
    /// not find out by asking.
    static func isPublic(_ path: String) -> Bool {
        path == "/healthz" || path == readyPath || path.hasPrefix(readyPath + "/")
    }

    /// `nil` if the path is not one of these.
    func answer(_ request: ControlRequest) -> ControlResponse? {
        guard Self.isPublic(request.path) || request.path == "/metrics" else { return nil }
        guard request.method == "GET" || request.method == "HEAD" else {
            return .failure(405, "MethodNotAllowed", "This path answers GET and HEAD only.", allow: "GET, HEAD")
        }
        switch request.path {
        case "/metrics": return metricsPage
        case "/healthz": return .json(200, ["status": "ok"])
        default: return readiness(roles: roles(in: request))
        }
    }

    private var metricsPage: ControlResponse {
        let now = now()
        let text = metrics.text(cache.reports(now: now), isReady: health.isServing, now: now)
        return ControlResponse(status: 200, body: Array(text.utf8), contentType: MetricRegistry.mediaType)
    }

    /// From `/readyz/ROLE`, or one or more `role=` of the query.
    private func roles(in request: ControlRequest) -> [String] {
        let named = request.path.dropFirst(Self.readyPath.count + 1)
        let asked = request.query.split(separator: "&").filter { $0.hasPrefix("role=") }.map { $0.dropFirst(5) }
        return ((named.isEmpty ? [] : [named]) + asked).map { String(PercentEncoding.decoded($0) ?? $0) }
    }

    private func readiness(roles: [String]) -> ControlResponse {
        for role in roles where !settings.value.roles.contains(where: { $0.name == role }) {
            return .failure(404, "RoleNotFound", "No such role is offered here; see roles in stsbrokerd.yaml.")
        }
        guard health.isServing else { return .json(503, ["status": "unavailable", "code": "NotServing"]) }
        for role in roles {
            guard let code = obstacle(to: role) else { continue }
            return .json(503, ["status": "unavailable", "code": code, "role": role])
        }
        return .json(200, ["status": "ready"])
    }

    /// The code of why nobody could be given credentials of that role now; `nil` if somebody could. Asking counts as a caller's
    /// request does: it has the credentials fetched and kept fresh.
    private func obstacle(to role: String) -> String? {
        let now = now()
        var code = "NobodyAsked"
        for key in Set(settings.value.namedKeys(ofRole: role)) {
            switch cache.lookup(key, now: now) {
            case .usable: return nil
            case .fetching: code = "Fetching"
            case .unavailable(let failure, _): code = failure.code
            }
        }
        // Those of users whom no rule names, such as members of a group.
        let isHeld = cache.reports(now: now).contains { $0.key.role == role && $0.value.expiration != nil }
        return isHeld ? nil : code
    }
}

extension DaemonSettings {
    /// For whom a rule names the user or the principal.
    fileprivate func namedKeys(ofRole role: String) -> [CredentialKey] {
        callerRules.filter { $0.roles.contains(role) }.compactMap { rule in
            (rule.principal ?? rule.user.map { .localUser($0) }).map { CredentialKey(principal: $0, role: role) }
        }
    }
}
