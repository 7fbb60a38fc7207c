/// To whom something is bound that nobody else may use: a local user, or, for a connection from elsewhere, the address it
/// comes from.
package enum CallerOrigin: Sendable, Hashable, CustomStringConvertible {
    /// A user id of this machine.
    case user(UInt32)
    /// An address that is not this machine's: a container with a network of its own, for instance.
    case address(IPAddress)

    /// For logs: `uid 1000`, or the address.
    package var description: String {
        switch self {
        case .user(let userID): "uid \(userID)"
        case .address(let address): address.description
        }
    }

    /// Three numbers that no other origin has together, for what is authenticated by a MAC.
    package var words: (kind: UInt32, high: UInt64, low: UInt64) {
        switch self {
        case .user(let userID): (0, 0, UInt64(userID))
        case .address(let address): (1, address.high, address.low)
        }
    }
}

extension Result<Caller, UnknownCaller> {
    /// The user, or the address of a connection from elsewhere; `nil` if neither is known.
    package var origin: CallerOrigin? {
        switch self {
        case .success(let caller): .user(caller.userID)
        case .failure(.notThisMachine(let address)): .address(address)
        case .failure: nil
        }
    }
}
