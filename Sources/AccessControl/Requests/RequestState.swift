/// Where a request that people follow stands.
///
///     pending ──quorum──▶ scheduled ──start──▶ active ──end──▶ ended
///        ├─one denies──▶ denied         └────┬────┴─revoke──▶ revoked
///        ├─requester───▶ cancelled           └─policy changed─▶ failed
///        └─too late────▶ expired
///
/// `scheduled`, `active` and `ended` come about by time alone; nothing is written for them. So does `expired`, for which something is
/// written afterwards, to tell people.
package enum RequestState: String, Codable, Sendable, CaseIterable {
    case pending, approved, denied, cancelled, expired, scheduled, active, ended, revoked, failed

    /// The states that are written.
    package enum Stored: String, Codable, Sendable, CaseIterable {
        case pending, approved, denied, cancelled, expired, revoked, failed

        /// What may follow; a state that is not among them is never reached from this one.
        package var successors: Set<Stored> {
            switch self {
            case .pending: [.approved, .denied, .cancelled, .expired]
            case .approved: [.revoked, .failed]
            case .denied, .cancelled, .expired, .revoked, .failed: []
            }
        }
    }
}
