import Credentials
package import FoundationEssentials

/// What the cache has for one key at one instant.
package enum CredentialLookup: Sendable {
    /// Good for ``RefreshSchedule/leastUsable`` at least.
    case usable(any PreparedForm)
    /// Nothing yet; an attempt is under way.
    case fetching
    /// Nothing, no attempt under way, and asking again does not help before `retryAfter`, if that is known.
    case unavailable(CredentialFailure, retryAfter: Duration?)

    init(_ entry: CacheEntry, gate: OutboundGate, now: Date) {
        if entry.isUsable(at: now), let prepared = entry.held?.prepared {
            self = .usable(prepared)
        } else if case .queued = entry.attempt, let outage = gate.outage, let probe = gate.probeDate, now < probe {
            self = .unavailable(outage, retryAfter: .seconds(max(1, probe.timeIntervalSince(now).rounded(.up))))
        } else if entry.attempt.isUnderWay {
            self = .fetching
        } else {
            let pause = entry.nextAttempt.map { Duration.seconds(max(1, $0.timeIntervalSince(now).rounded(.up))) }
            self = .unavailable(entry.failure ?? .credentialsExpired, retryAfter: pause)
        }
    }
}

/// What a person may want to know of one key.
package struct CredentialReport: Sendable, Equatable {
    package enum State: String, Sendable, CaseIterable {
        case idle, fetching, fresh, due, failing, expired, refused
        case approvalPending = "approval_pending"
        case signInRequired = "sign_in_required"
        case locked
    }

    package var state: State
    package var expiration: Date?
    package var nextAttempt: Date?
    package var failure: CredentialFailure?
    package var lastAttempt: Date?

    init(_ entry: CacheEntry?, now: Date, schedule: RefreshSchedule) {
        let held = entry?.usable(at: now)
        expiration = held?.expiration
        nextAttempt = entry?.nextAttempt
        failure = entry?.failure
        lastAttempt = entry?.lastAttempt
        state = Self.state(of: entry, isUsable: held != nil, now: now)
    }

    private static func state(of entry: CacheEntry?, isUsable: Bool, now: Date) -> State {
        guard let entry else { return .idle }
        switch entry.failure {
        case .signInRequired?: return .signInRequired
        case .locked?: return .locked
        case .approvalPending?: return .approvalPending
        case .accessDenied?, .roleNotFound?: return .refused
        case .requestRefused?: return isUsable ? .failing : .refused
        case .brokerUnreachable?, .credentialsExpired?, .identityUnusable?: return isUsable ? .failing : .expired
        case nil: break
        }
        if isUsable { return entry.nextAttempt.map { $0 <= now } ?? false ? .due : .fresh }
        return entry.attempt.isUnderWay ? .fetching : entry.held == nil ? .idle : .expired
    }
}
