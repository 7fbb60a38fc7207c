package import AccessControl

/// Why the store didn't do it.
package enum StoreError: Error, Equatable, CustomStringConvertible {
    /// It cannot read or write now; trying again later may help.
    case unavailable(String)
    /// Something stored cannot be used; the operator must repair it.
    case unreadable(String)
    /// The condition of a write no longer holds; somebody else was faster, or a policy changed.
    case conditionFailed(String)
    /// So many requests of one person wait already, and no more may.
    case tooManyPending(Int)
    /// That request waits for the same already, and no second one may.
    case waitsAlready(RequestID)

    package var description: String {
        switch self {
        case .unavailable(let what): "the broker's database is unavailable: \(what)"
        case .unreadable(let what): "the broker's database holds something unusable: \(what)"
        case .conditionFailed(let what): "the state has changed: \(what)"
        case .tooManyPending(let count): "\(count) requests of this person wait already"
        case .waitsAlready(let id): "request \(id) waits for the same already"
        }
    }
}
