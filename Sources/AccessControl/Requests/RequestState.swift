/// Where a request that people follow stands.
///
///     pending ──quorum──▶ scheduled ──start──▶ active ──end──▶ ended
///        ├─one denies──▶ denied         └────┬────┴─revoke──▶ revoked
///        ├─requester───▶ cancelled           └─policy changed─▶ failed
///        └─too late────▶ expired
///
/// `expired`, `scheduled`, `active` and `ended` come about by time alone; nothing is written for them.
package enum RequestState: String, Codable, Sendable, CaseIterable {
    case pending, approved, denied, cancelled, expired, scheduled, active, ended, revoked, failed

    /// The states that are written.
    package enum Stored: String, Codable, Sendable, CaseIterable {
        case pending, approved, denied, cancelled, revoked, failed

        /// What may follow; a state that is not among them is never reached from this one.
        package var successors: Set<Stored> {
            switch self {
            case .pending: [.approved, .denied, .cancelled]
            case .approved: [.revoked, .failed]
            case .denied, .cancelled, .revoked, .failed: []
            }
        }
    }
}
