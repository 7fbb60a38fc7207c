import Credentials
import FoundationEssentials

extension SessionCredentials {
    /// As the broker's clock has it, in seconds.
    var lifetime: TimeInterval { expiration.timeIntervalSince(issuedAt) }

    /// Themselves, if they are of use when they arrive at `now`: not empty, and good for ``RefreshSchedule/leastUsable`` at least.
    func checkedOnArrival(at now: Date) -> Result<SessionCredentials, IssueFailure> {
        let left = min(expiration.timeIntervalSince(now), lifetime)
        guard left >= RefreshSchedule.leastUsable else {
            return .failure(IssueFailure(.brokerUnreachable("it sent credentials that are already expired")))
        }
        guard !accessKeyID.isEmpty, secretAccessKey.count > 0, sessionToken.count > 0 else {
            return .failure(IssueFailure(.brokerUnreachable("it sent empty credentials")))
        }
        return .success(self)
    }
}
