/// Why a listener could not be opened; each says what to change.
package enum ListenerError: Error, Equatable, CustomStringConvertible {
    case invalidAddress(listener: String, address: String)
    /// Another process serves it already.
    case inUse(listener: String, address: String)
    /// Something is in the way that is not ours to remove.
    case obstructed(listener: String, path: String, reason: String)
    case refused(listener: String, address: String, reason: String)

    package var description: String {
        switch self {
        case .invalidAddress(let listener, let address):
            "listener \(listener): \"\(address)\" is neither an IP address with a port of 0 to 65535 nor a socket path of 1 to 107 bytes"
        case .inUse(let listener, let address):
            "listener \(listener): \(address) is in use; stop the process that serves it or choose another address"
        case .obstructed(let listener, let path, let reason):
            "listener \(listener): \(path) \(reason); remove it or choose another path"
        case .refused(let listener, let address, let reason):
            "listener \(listener): cannot listen on \(address): \(reason)"
        }
    }
}
