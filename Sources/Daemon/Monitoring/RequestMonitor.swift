import CallerIdentity
import CoreMetrics
import CredentialCache
import MetadataServer

/// Counts requests, and has hand-outs recorded.
struct RequestMonitor: RequestObserver {
    let metrics: DaemonMetrics
    /// `nil` if nothing is recorded.
    let audit: AuditLog?

    var noting: ProcessNoting { audit?.noting ?? .nobody }

    func connected(_ connection: ObservedConnection) -> any ConnectionObserver {
        ConnectionMonitor(connection, metrics: metrics, audit: audit)
    }

    func dropped() { metrics.denied(.connectionDropped) }
}

/// Counts the requests of one connection. What was found out for the request before is kept, as most are like it.
private final class ConnectionMonitor: ConnectionObserver {
    private let connection: ObservedConnection
    private let metrics: DaemonMetrics
    private let audit: AuditLog?
    private let duration: CoreMetrics.Timer?
    private var isOpen = true
    private var userAgent = ""
    private var family = SDKFamily.none
    private var place: Int
    private var tally: AuditTally?
    /// What ``tally`` counts, if it is credentials that were handed out; weak, so that they are wiped when they are dropped.
    private weak var handedOut: PreparedCredentials?

    init(_ connection: ObservedConnection, metrics: DaemonMetrics, audit: AuditLog?) {
        self.connection = connection
        self.metrics = metrics
        self.audit = audit
        duration = metrics.duration(at: connection.face)
        place = metrics.requests.base(connection.face, .none)
        metrics.connections(at: connection.face, changedBy: 1)
    }

    func answered(_ request: AnsweredRequest) {
        if request.userAgent != userAgent {
            userAgent = request.userAgent
            handedOut = nil
            family = SDKFamily(userAgent: userAgent)
            place = metrics.requests.base(connection.face, family)
        }
        metrics.requests.add(at: place, status: request.status)
        if let nanoseconds = request.nanoseconds { duration?.recordNanoseconds(nanoseconds) }
        if case .failed(let failure) = request.outcome, let denial = failure.denial { metrics.denied(denial) }
        if let audit { record(request.outcome, in: audit) }
    }

    func closed() {
        guard isOpen else { return }
        isOpen = false
        metrics.connections(at: connection.face, changedBy: -1)
    }

    private func record(_ outcome: RequestOutcome, in audit: AuditLog) {
        var credentials: PreparedCredentials?
        if case .handedOut(_, let these) = outcome { credentials = these }
        // What a program that keeps its connection does nearly always.
        if let credentials, credentials === handedOut, let tally, tally.countRepeat() { return }
        guard let kind = AuditKind(outcome, of: connection, sdk: family) else { return }
        handedOut = credentials
        if let tally, tally.kind == kind, tally.countRepeat() { return }
        tally = audit.note(kind, userAgent: userAgent, processID: connection.caller.processID)
    }
}
