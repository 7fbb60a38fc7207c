import AWSAPI
import Credentials

/// Assumes roles, and counts how that goes and how long it takes.
struct MeasuredRoles: RoleAssuming {
    let base: any RoleAssuming
    let metrics: BrokerMetrics
    let clock = ContinuousClock()

    var takesExternalID: Bool { base.takesExternalID }

    func assumeRole(
        _ input: AssumeRoleInput, for purpose: SessionPurpose
    ) async throws(AWSError) -> SessionCredentials {
        let start = clock.now
        do throws(AWSError) {
            let credentials = try await base.assumeRole(input, for: purpose)
            metrics.assumed(after: clock.now - start, problem: nil)
            return credentials
        } catch {
            metrics.assumed(after: clock.now - start, problem: error.metricLabel)
            throw error
        }
    }
}

extension AWSError {
    /// A stable word; AWS's own codes are too many for a label.
    fileprivate var metricLabel: String {
        switch self {
        case .refused: "refused"
        case .throttled: "throttled"
        case .unavailable: "unavailable"
        case .invalidAnswer: "invalid_answer"
        case .keysRefused: "keys_refused"
        case .keysUnavailable: "keys_unavailable"
        case .misconfigured: "misconfigured"
        }
    }
}
